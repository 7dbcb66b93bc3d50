/**
 * App registrations that prove themselves in other ways than by a secret, with the real program and its permissions.
 */
import assert from "node:assert/strict";
import { DAY_MS } from "../lib/base/mod.ts";
import {
  DEMO_APPLICATION,
  OFFICE_APPLICATION,
  PUBLIC_APPLICATION,
} from "../tools/simulate/identity_provider.ts";
import { WorkloadPlatform } from "../tools/simulate/identity/workload_identity.ts";
import { NORA, Testbed } from "./testbed.ts";

const MESSAGE = new TextEncoder().encode("Subject: Test\r\n\r\nText\r\n");
const SCANNER = "scanner@contoso.example";
const { id: DEMO } = DEMO_APPLICATION;
const { id: OFFICE } = OFFICE_APPLICATION;

interface Finding {
  readonly status: string;
  readonly text: string;
}

/** Returns the findings of `check` about app registrations. */
async function registrationFindings(bed: Testbed): Promise<readonly Finding[]> {
  const { output } = await bed.run(["check", "--json"]);
  const { checks } = JSON.parse(output);
  return checks.filter(({ name }: { name: string }) => name === "app registration")
    .flatMap(({ findings }: { findings: readonly Finding[] }) => findings);
}

async function send(bed: Testbed, username: string, password: string): Promise<string> {
  using client = await bed.logIn({ username, password });
  await client.envelope(username, ["a@example.com"]);
  return await client.data(MESSAGE);
}

Deno.test("people sign in and send with a registration that has no secret", async () => {
  await using bed = await Testbed.open();
  Object.assign(bed.environment, { APP_SECRETS: "", APP_PUBLIC_IDS: PUBLIC_APPLICATION.id });
  assert.deepEqual(await registrationFindings(bed), [
    { status: "ok", text: `Microsoft accepts ${PUBLIC_APPLICATION.id}, a public client` },
  ]);
  await bed.serve();
  const { username, password } = await bed.signIn();
  assert.match(await send(bed, username, password), /^250 /);
  const shown = await bed.json("account", "show", NORA);
  assert.equal(shown.clientId, PUBLIC_APPLICATION.id);
});

Deno.test("a certificate serves sign-ins, refreshes and mailboxes, and is renewed without a restart", async () => {
  await using bed = await Testbed.open();
  const { certificateAuthority, identityProvider: { applications } } = bed.simulation;
  const [certFile, keyFile] = [bed.path("app.crt"), bed.path("app.key")];
  const install = async (notAfter?: Date) => {
    const notBefore = notAfter && new Date(notAfter.getTime() - 90 * DAY_MS);
    const request = { names: ["proxy.example"], key: "RSA-2048", notBefore, notAfter } as const;
    const { cert, key } = await certificateAuthority.issue(request);
    await Deno.writeTextFile(certFile, cert);
    await Deno.writeTextFile(keyFile, key);
    for (const id of [DEMO, OFFICE]) applications.update(id, { secrets: [], certificates: [cert] });
  };
  await install();
  Object.assign(bed.environment, {
    APP_SECRETS: "",
    APP_CERT_FILES: `${DEMO}:${certFile},${OFFICE}@contoso.example:${certFile}`,
    APP_KEY_FILES: `${DEMO}:${keyFile},${OFFICE}:${keyFile}`,
  });
  assert.deepEqual(await registrationFindings(bed), [
    { status: "ok", text: `Microsoft accepts ${DEMO} and its certificate` },
    { status: "ok", text: `Microsoft accepts ${OFFICE} and its certificate` },
  ]);
  await bed.serve();
  const { username, password } = await bed.signIn();
  const [{ appPassword }] = await bed.json("mailbox", "add", SCANNER, "--app-password", "scanner");
  assert.match(await send(bed, SCANNER, appPassword), /^250 /);

  await install(new Date(Date.now() + 20 * DAY_MS));
  bed.simulation.identityProvider.revokeAccessTokens(NORA);
  await bed.simulation.submissionServer.stop();
  await bed.simulation.submissionServer.restart();
  assert.match(await send(bed, username, password), /^250 /, "refreshed with the new certificate");
  const warnings = (await registrationFindings(bed)).filter(({ status }) => status === "warning");
  assert.equal(warnings.length, 2);
  assert.match(warnings[0]!.text, /^the certificate of the app registration .* ends on /);
});

Deno.test("a workload's token file serves mailboxes", async () => {
  await using bed = await Testbed.open();
  const platform = new WorkloadPlatform("https://platform.example");
  bed.simulation.identityProvider.applications.update(OFFICE, {
    secrets: [],
    federatedCredentials: [platform.credentialFor("proxy")],
  });
  const file = bed.path("token");
  await Deno.writeTextFile(file, platform.issueToken("proxy"));
  bed.environment.APP_TOKEN_FILES = `${OFFICE}@contoso.example:${file}`;
  await bed.serve();
  const [{ appPassword }] = await bed.json("mailbox", "add", SCANNER, "--app-password", "scanner");
  assert.match(await send(bed, SCANNER, appPassword), /^250 /);
});

Deno.test("check warns of a secret that ends, and fails when it has ended", async () => {
  await using bed = await Testbed.open();
  const day = (ms: number) => new Date(Date.now() + ms).toISOString().slice(0, 10);
  for (const [restMs, status] of [[20 * DAY_MS, "warning"], [-DAY_MS, "failure"]] as const) {
    bed.environment.APP_SECRET_EXPIRES = `${DEMO}:${day(restMs)}`;
    const [accepted, end] = await registrationFindings(bed);
    assert.equal(accepted?.status, "ok");
    assert.equal(end?.status, status);
    assert.ok(end.text.includes(day(restMs)), end.text);
  }
});
