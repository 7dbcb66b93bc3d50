/**
 * `registration …`: prints what an administrator pastes at Microsoft.
 *
 * @module
 */
import { PROGRAM } from "../../base/mod.ts";
import { pemCertificates } from "../../config/mod.ts";
import type { Services } from "../../program/mod.ts";
import {
  exchangeLines,
  organisationRegistrationScript,
  peopleRegistrationScript,
} from "../../setup/mod.ts";
import { findMailboxes } from "../account/find.ts";
import { type Call, type Command, CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { readNamedFile } from "../files.ts";
import type { Output } from "../output.ts";
import { withDatabase } from "../services.ts";

const NAME = { value: "TEXT", meaning: `the name of the app registration (default: ${PROGRAM})` };
const CLOUD_SHELL =
  "Open https://shell.azure.com, choose Bash, and paste the whole output. It prints the lines for the env file.";

/** `registration people`, `registration organisation` and `registration exchange`. */
export const registrationCommands: readonly Command[] = [
  {
    name: "registration people",
    summary: "print the Azure Cloud Shell script for people who sign in",
    options: {
      name: NAME,
      "redirect-uri": {
        value: "URL",
        meaning: "address of the web pages with /auth at its end (default: from PUBLIC_URL)",
      },
      tenant: {
        value: "WHO",
        meaning: "consumers, common, organizations or a tenant (default: MICROSOFT_TENANT)",
      },
    },
    details: CLOUD_SHELL,
    run: (call) => Promise.try(() => printPeople(call)),
  },
  {
    name: "registration organisation",
    summary: "print the Azure Cloud Shell script for an organisation's app-only mailboxes",
    parameters: ["[MAILBOX...]"],
    options: {
      name: NAME,
      certificate: {
        value: "FILE",
        meaning: "the certificate (PEM) that the proxy signs with; without it, a secret is made",
        path: "file",
      },
    },
    details:
      `${CLOUD_SHELL}\nThe private key of the certificate stays where it is. MAILBOX is an ` +
      "address: the rights on each are part of the lines\nfor Exchange Online PowerShell.",
    run: printOrganisation,
  },
  {
    name: "registration exchange",
    summary: "print the Exchange Online PowerShell lines for the mailboxes",
    parameters: ["[MAILBOX...]"],
    options: {
      registration: { value: "ID", meaning: "the app registration, if several send for mailboxes" },
    },
    details:
      "MAILBOX is an app-only mailbox; without any, the lines are for all. Microsoft is asked for the object ID of the\n" +
      "enterprise application, so the app registration has to exist.",
    run: withDatabase(printExchange),
  },
];

function printPeople(call: Call): number {
  const redirectUri = call.text("redirect-uri") ?? redirectUriOf(call);
  const tenant = call.text("tenant") ?? call.config().microsoft.tenant;
  const name = call.text("name") ?? PROGRAM;
  print(peopleRegistrationScript({ name, redirectUri, tenant }), call.output);
  return EXIT.ok;
}

function redirectUriOf(call: Call): string {
  const { publicUrl } = call.config();
  if (publicUrl !== undefined) return `${publicUrl}/auth`;
  throw new CommandError("Give --redirect-uri, or set PUBLIC_URL.", EXIT.usage);
}

async function printOrganisation(call: Call): Promise<number> {
  const file = call.text("certificate");
  const certificate = file === undefined ? undefined : await readCertificate(file);
  const name = call.text("name") ?? PROGRAM;
  const mailboxes = call.parameters;
  print(organisationRegistrationScript({ name, certificate, mailboxes }), call.output);
  return EXIT.ok;
}

/** Returns the first certificate of a file, and nothing else of it: the output is pasted into a shell elsewhere. */
async function readCertificate(path: string): Promise<string> {
  const [certificate] = pemCertificates(new TextDecoder().decode(await readNamedFile(path)));
  if (certificate !== undefined) return certificate;
  throw new CommandError(`${path} holds no certificate in PEM format.`, EXIT.noInput);
}

async function printExchange(call: Call, { store, mailboxes }: Services): Promise<number> {
  const wanted = await findMailboxes(store, call.parameters);
  const application = await mailboxes.application(call.text("registration"));
  const addresses = wanted
    .filter(({ clientId }) => clientId === application.clientId)
    .map(({ email }) => email);
  print(exchangeLines(application, addresses), call.output);
  return EXIT.ok;
}

function print(lines: readonly string[], output: Output): void {
  output.show({ lines }, () => lines.forEach((line) => output.line(line)));
}
