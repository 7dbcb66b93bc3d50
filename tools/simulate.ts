/**
 * Runs a stand-in for Microsoft on this machine: `deno task simulate`.
 *
 * @module
 */
import { once } from "node:events";
import process from "node:process";
import { DEMO_DIRECTORY } from "./simulate/demo.ts";
import { Simulation } from "./simulate/simulation.ts";

const IDENTITY_PROVIDER_PORT = 8400;
const SUBMISSION_PORT = 8587;
const WEB_PAGES_PORT = 8025;
const CA_FILE = `${DEMO_DIRECTORY}/simulation_ca.pem`;

await using simulation = await Simulation.start({
  identityProviderPort: IDENTITY_PROVIDER_PORT,
  submissionPort: SUBMISSION_PORT,
  webPagesPort: WEB_PAGES_PORT,
  onSignIn: ({ name, address }) => console.log(`Signed in: ${name} <${address}>`),
});
await Deno.mkdir(DEMO_DIRECTORY, { recursive: true });
await Deno.writeTextFile(CA_FILE, simulation.certificateAuthority.certificate);

const settings = Object.entries(simulation.environment(await Deno.realPath(CA_FILE)));
console.log(`SIMULATION of Microsoft on this machine. No mail leaves it.

Sent mail:        ${simulation.webPages.url}
What goes wrong:  ${simulation.webPages.panelUrl}

Settings for a proxy that is to use it:
${settings.map(([name, value]) => `${name}=${value}`).join("\n")}

Ctrl-C stops it.`);
await once(process, "SIGINT");
