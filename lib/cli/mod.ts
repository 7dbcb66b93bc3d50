/**
 * The command line: its commands, how arguments select one, and how one runs.
 *
 * @module
 */
import { accountAddCommand } from "./account/add.ts";
import { accountImportCommand } from "./account/import.ts";
import { accountListCommand } from "./account/list.ts";
import { accountPasswordCommands } from "./account/passwords.ts";
import { accountRemoveCommand, accountShowCommand } from "./account/show.ts";
import { auditCommand } from "./admin/audit.ts";
import { adminLinkCommand } from "./admin/link.ts";
import { checkCommand } from "./check/check.ts";
import type { Command } from "./command.ts";
import { backupCommand, databaseCopyCommand } from "./database.ts";
import { healthcheckCommand } from "./healthcheck.ts";
import { initCommand } from "./init/init.ts";
import { mailboxAddCommand } from "./mailbox/add.ts";
import { mailboxCheckCommand } from "./mailbox/check.ts";
import { mailboxDeleteCommand, mailboxListCommand, mailboxShowCommand } from "./mailbox/list.ts";
import { registrationCommands } from "./registration/registration.ts";
import { sendCommand } from "./send/send.ts";
import { serveCommand } from "./serve/serve.ts";

export { readArguments } from "./arguments.ts";
export { checkWhileServing } from "./check/check.ts";
export {
  type Access,
  CommandError,
  type Dependencies,
  DESCRIPTOR_VARIABLE,
  type Option,
  type Pages,
} from "./command.ts";
export { EXIT } from "./exit_codes.ts";
export { runCommandLine } from "./command_line.ts";
export { Output } from "./output.ts";

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  serveCommand,
  initCommand,
  checkCommand,
  sendCommand,
  accountListCommand,
  accountShowCommand,
  accountAddCommand,
  accountImportCommand,
  ...accountPasswordCommands,
  accountRemoveCommand,
  adminLinkCommand,
  auditCommand,
  mailboxListCommand,
  mailboxShowCommand,
  mailboxAddCommand,
  mailboxCheckCommand,
  mailboxDeleteCommand,
  ...registrationCommands,
  backupCommand,
  databaseCopyCommand,
  healthcheckCommand,
];
