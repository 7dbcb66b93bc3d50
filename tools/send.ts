/**
 * Sends a mail as a mail client does: `deno task send`.
 *
 * @module
 */
import { isLoopbackHost } from "../lib/base/mod.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { readSettings } from "../lib/config/mod.ts";
import { latestDemo, runOnDemo } from "./demo_cli.ts";
import { parseSendArguments, USAGE, UsageError } from "./send/arguments.ts";
import { deliver, DeliveryError } from "./send/mail_client.ts";

const FROM_DATABASE = "--db";

/** Sends what the command line says. @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes(FROM_DATABASE)) return await sendFromDatabase(args);
  try {
    const { user, password, caFile, ...delivery } = parseSendArguments(args);
    const login = { user, password: password === "-" ? askPassword(user) : password };
    const ca = await authority(caFile, delivery.host);
    const reply = await deliver({ ...delivery, login, ca }, console.log);
    console.log(`Sent: ${reply}`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n${USAGE}`);
      return EXIT.usage;
    }
    if (error instanceof DeliveryError) {
      console.error(error.message);
      return error.exitCode;
    }
    throw error;
  }
}

/** Sends by the program's own command; without settings of one's own, on the demo. */
async function sendFromDatabase(args: readonly string[]): Promise<number> {
  const command = ["send", ...args.filter((argument) => argument !== FROM_DATABASE)];
  const { given: own } = readSettings(undefined, Deno.readTextFileSync, Deno.env.toObject());
  const demo = own.APP_SECRETS || args.includes("--env-file") ? undefined : await latestDemo();
  if (demo) return await runOnDemo(demo, command);
  const { main: runProgram } = await import("../main.ts");
  return await runProgram(command);
}

/** Returns the authority to trust besides the known ones: on this machine that of the demo, if there is one. */
async function authority(caFile: string | undefined, host: string): Promise<string | undefined> {
  if (caFile !== undefined) return await readCertificate(caFile);
  const demo = isLoopbackHost(host) ? await latestDemo() : undefined;
  return demo && await readCertificate(demo.caFile);
}

async function readCertificate(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read the file of --ca: ${(error as Error).message}`);
  }
}

function askPassword(user: string): string {
  const password = prompt(`Password of ${user}:`);
  if (!password) throw new UsageError("No password was given.");
  return password;
}

Deno.exit(await main(Deno.args));
