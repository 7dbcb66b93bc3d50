/**
 * `init`: asks for what a new installation needs, and writes an env file.
 *
 * @module
 */
import { errorText, PROGRAM } from "../../base/mod.ts";
import { DEFAULT_ENV_FILE } from "../../config/mod.ts";
import { encodeBase64Url } from "../../crypto/mod.ts";
import { shellCommand } from "../../guides/mod.ts";
import { findAll } from "../check/check.ts";
import { printResults } from "../check/report.ts";
import { type Call, type Command, CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { isFile } from "../files.ts";
import { type Answers, envFileText, publicUrlOf } from "./env_file.ts";
import { askAll, SENDER_NAMES } from "./questions.ts";

const SECRET_OCTETS = 33;
const OWNER_ONLY = 0o600;

/** `init`. */
export const initCommand: Command = {
  name: "init",
  summary: "ask a few questions and write the settings into an env file",
  options: {
    host: { value: "NAME", meaning: "the name that mail clients connect to" },
    senders: { value: "WHO", meaning: `who sends mail: ${SENDER_NAMES.join(", ")}` },
    certificate: {
      value: "KIND",
      meaning:
        "automatic: from Let's Encrypt; files: in PEM files; proxy: a proxy in front speaks " +
        "TLS; lan: from an authority of your own",
    },
    email: {
      value: "ADDRESS",
      meaning: "your address, as administrator and for notices about certificates",
    },
    "app-secrets": { value: "ID:SECRET", meaning: "the app registration, if there is one already" },
    database: {
      value: "FILE",
      meaning: "the database file, if it is not data/db.sqlite",
      path: "database",
    },
    force: { meaning: "replace the env file if it exists" },
  },
  details:
    "The file is the one of --env-file, or .env. It gets a new SESSION_SECRET, and only its owner may read it. An option\n" +
    "answers its question in advance.",
  access: { envFile: "write", network: "any" },
  run: init,
};

async function init(call: Call): Promise<number> {
  const path = call.text("env-file") ?? DEFAULT_ENV_FILE;
  await mayWrite(path, call);
  const answers = askAll(call);
  const secret = encodeBase64Url(crypto.getRandomValues(new Uint8Array(SECRET_OCTETS)));
  await writePrivately(path, envFileText(answers, secret));
  const redirectUri = `${publicUrlOf(answers)}/auth`;
  const checks = await findAll(call.config, call.dialer);
  call.output.show({ file: path, redirectUri, checks }, () => {
    call.output.line(`Wrote ${path}.\n`);
    printResults(checks, call.output);
    for (const line of nextSteps(path, redirectUri, answers)) call.output.line(line);
  });
  return EXIT.ok;
}

function nextSteps(path: string, redirectUri: string, { appSecrets }: Answers): readonly string[] {
  const command = (name: string, task: string) =>
    path === DEFAULT_ENV_FILE
      ? `  ${PROGRAM} ${name} (in a clone: deno task ${task})`
      : `  ${PROGRAM} ${name} --env-file ${shellCommand([path])}`;
  if (appSecrets) {
    return [
      "",
      "The app registration needs this redirect URI, exactly (platform Web):",
      `  ${redirectUri}`,
      "Next, start the program, or its service:",
      command("serve", "start"),
    ];
  }
  return [
    "",
    "Next: register an app with Microsoft (docs/microsoft-setup.md). Platform: Web. Redirect URI, exactly:",
    `  ${redirectUri}`,
    `Put its ID and secret into APP_SECRETS in ${path}, and remove the # in front. Then:`,
    command("check", "check"),
  ];
}

/** @throws {CommandError} if the file exists and may not be replaced. */
async function mayWrite(path: string, call: Call): Promise<void> {
  if (!await isFile(path) || call.flag("force")) return;
  if (call.confirm(`${path} exists. Replace it, and the SESSION_SECRET in it?`)) return;
  throw new CommandError(`${path} exists and was not changed. --force replaces it.`, EXIT.noInput);
}

/** Replaces the file as a whole, so that others cannot read the new one even if they could read the old one. */
async function writePrivately(path: string, text: string): Promise<void> {
  try {
    if (await isFile(path)) await Deno.remove(path);
    await Deno.writeTextFile(path, text, { createNew: true, mode: OWNER_ONLY });
  } catch (cause) {
    throw new CommandError(`${path} ${faultOf(cause)}`, EXIT.io, { cause });
  }
}

function faultOf(cause: unknown): string {
  if (cause instanceof Deno.errors.AlreadyExists) return "is not a file. Name a file in it.";
  if (cause instanceof Deno.errors.NotFound) {
    return "cannot be written: its folder does not exist. Make it first.";
  }
  return `cannot be written: ${errorText(cause)}`;
}
