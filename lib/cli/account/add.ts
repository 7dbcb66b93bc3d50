import { COMMAND_LINE, subjectOf } from "../../admin/mod.ts";
import { signUp } from "../../sign_in/mod.ts";
import { PROGRAM, systemClock } from "../../base/mod.ts";
import type { SignedIn } from "../../microsoft/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { withServices } from "../services.ts";
import { accountJson, formatTime } from "./describe.ts";

/** `account add`: adds an account by a sign-in that needs no browser on this machine. */
export const accountAddCommand: Command = {
  name: "account add",
  summary: "sign in with Microsoft by a code, for servers without a browser",
  options: {
    registration: {
      value: "ID",
      meaning: "use this app registration (application ID) instead of the one for new accounts",
    },
    "app-password": { value: "NAME", meaning: "create an app password of that name and show it" },
  },
  details:
    "Shows a URL and a code. Open the URL in any browser on any device, enter the code and sign in. If the account\n" +
    "exists already, it is renewed and keeps its app passwords. The app registration has to allow public client flows.",
  run: withServices(add),
};

async function add(call: Call, services: Services): Promise<number> {
  const { output } = call;
  const { account, created } = await signUp(await signIn(call, services), {
    ...services,
    clock: systemClock,
  });
  const { audit } = services;
  const action = created ? "added an account" : "signed in";
  await audit.record(COMMAND_LINE, action, account.email);
  const name = call.text("app-password");
  const made = name === undefined
    ? undefined
    : await services.accounts.createAppPassword(account.id, { name });
  if (made) {
    const subject = subjectOf(account, made.appPassword);
    await audit.record(COMMAND_LINE, "created an app password", subject);
  }
  const appPasswords = await services.store.appPasswords.list(account.id);
  const appPassword = made?.password ?? null;
  output.show({ ...accountJson(account, appPasswords), created, appPassword }, () => {
    output.line(`${created ? "Added" : "Renewed"}: ${account.email}`);
    if (made) output.facts([["User name", account.email], ["App password", made.password]]);
    else if (appPasswords.length === 0) {
      output.line(`Next: ${PROGRAM} account password create ${account.email} NAME`);
    }
  });
  return EXIT.ok;
}

/** Signs in. If the result is JSON, the code is written to the standard error output, so that the user sees it. */
async function signIn(call: Call, { microsoft }: Services): Promise<SignedIn> {
  const { output } = call;
  const device = await microsoft.beginDeviceSignIn(call.text("registration"));
  const say = (line: string) => output.json ? output.error(line) : output.line(line);
  const code = output.paint("strong", device.userCode);
  say(`Open ${device.verificationUri} and enter the code ${code}`);
  say(`Waiting until ${formatTime(device.expiresAtMs)} ...`);
  return await device.wait();
}
