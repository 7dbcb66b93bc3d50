import { explainNotAllowed } from "../../sign_in/mod.ts";
import { PROGRAM, systemClock } from "../../base/mod.ts";
import type { SignedIn } from "../../microsoft/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { SignedInAccount } from "../../store/mod.ts";
import { type Call, type Command, CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { withServices } from "../with_services.ts";
import { accountJson, formatTime } from "./describe.ts";

export const accountAddCommand: Command = {
  name: "account add",
  summary: "sign in with Microsoft by a code, for servers without a browser",
  options: {
    registration: {
      value: "ID",
      meaning: "the app registration (application id) to use (default: the one for new accounts)",
    },
    "app-password": {
      value: "NAME",
      meaning: "make an app password of that name, and show it",
    },
  },
  details:
    "Shows an address and a code. Open the address in any browser, on any device, enter the code and sign in. " +
    "An account that\nis here already is renewed, and keeps its app passwords. " +
    'The app registration has to allow "public client flows".',
  run: (call) => withServices(call.config(), (services) => add(call, services)),
};

async function add(call: Call, services: Services): Promise<number> {
  const { output } = call;
  const { account, created } = await admit(await signIn(call, services), services);
  const name = call.text("app-password");
  const made = name === undefined
    ? undefined
    : await services.accounts.createAppPassword(account.id, { name });
  const appPasswords = await services.store.appPasswords.list(account.id);
  output.show({
    ...accountJson(account, appPasswords),
    created,
    appPassword: made?.password ?? null,
  }, () => {
    output.line(`${created ? "Added" : "Renewed"}: ${account.email}`);
    if (made) output.facts([["User name", account.email], ["App password", made.password]]);
    else if (appPasswords.length === 0) {
      output.line(`Next: ${PROGRAM} account password create ${account.email} NAME`);
    }
  });
  return EXIT.ok;
}

/** The code has to be seen even where the result is JSON, so it goes the way of errors then. */
async function signIn(call: Call, { microsoft }: Services): Promise<SignedIn> {
  const { output } = call;
  const device = await microsoft.beginDeviceSignIn(call.text("registration"));
  const say = (line: string) => output.json ? output.error(line) : output.line(line);
  say(
    `Open ${device.verificationUri} and enter the code ${output.paint("strong", device.userCode)}`,
  );
  say(`Waiting until ${formatTime(device.expiresAtMs)} ...`);
  return await device.wait();
}

/** The filters apply here as they do on the page. */
async function admit(
  { identity, clientId, tokens }: SignedIn,
  { store, registration, vault }: Services,
): Promise<SignedInAccount> {
  const known = await store.accounts.getByIdentity(identity);
  if (!known && !registration.mayRegister(identity)) {
    const { title, cause } = explainNotAllowed(identity.email);
    throw new CommandError(
      `${title}. ${cause} See ALLOWED_* and DISALLOWED_* in the settings.`,
      EXIT.noPermission,
    );
  }
  return await vault.recordSignIn({ ...identity, clientId, atMs: systemClock.now() }, tokens);
}
