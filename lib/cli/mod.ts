/**
 * The command line.
 *
 * @module
 */
export { accountCommands } from "./account.ts";
export { backupCommand } from "./backup.ts";
export { checkCommand } from "./check.ts";
export type { Command, Surroundings } from "./command.ts";
export { runCommandLine } from "./command_line.ts";
export { healthcheckCommand } from "./healthcheck.ts";
export { Output } from "./output.ts";
export { sendCommand } from "./send.ts";
export type { RouteWatcher, SubmissionRoute } from "./send/route.ts";
export { type Pages, type RunningSmtp, serveCommand } from "./serve.ts";
