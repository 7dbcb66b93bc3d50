import type { Command } from "../command.ts";
import { accountAddCommand } from "./add.ts";
import { accountImportCommand } from "./import.ts";
import { accountListCommand } from "./list.ts";
import { accountPasswordCommands } from "./passwords.ts";
import { accountRemoveCommand, accountShowCommand } from "./show.ts";

/** `account …`: the accounts that may send. */
export const accountCommands: readonly Command[] = [
  accountListCommand,
  accountShowCommand,
  accountAddCommand,
  accountImportCommand,
  ...accountPasswordCommands,
  accountRemoveCommand,
];
