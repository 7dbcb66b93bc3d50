import { accountAddCommand } from "./account/add.ts";
import { accountImportCommand } from "./account/import.ts";
import { accountListCommand } from "./account/list.ts";
import { accountPasswordCommands } from "./account/password.ts";
import { accountRemoveCommand } from "./account/remove.ts";
import { accountShowCommand } from "./account/show.ts";
import type { Command } from "./command.ts";

/** `account …`: who may send through this program. */
export const accountCommands: readonly Command[] = [
  accountListCommand,
  accountShowCommand,
  accountAddCommand,
  accountImportCommand,
  ...accountPasswordCommands,
  accountRemoveCommand,
];
