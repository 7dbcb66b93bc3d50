/**
 * The texts of `--help`.
 *
 * @module
 */
import { PROGRAM } from "../base/mod.ts";
import { COMMON_OPTIONS } from "./arguments.ts";
import type { Command, Option } from "./command.ts";
import { formatTable } from "./table.ts";

/** Options of the program itself. */
const PROGRAM_OPTIONS = { ...COMMON_OPTIONS, version: { meaning: "show the version" } };

/** Returns the list of all commands, or of those in a group. */
export function overview(commands: readonly Command[], group: string): string {
  const listed = commands.filter(({ name }) => group === "" || name.startsWith(`${group} `));
  const words = [PROGRAM, group, "COMMAND"].filter(Boolean).join(" ");
  return sections([
    [`Usage: ${words} [OPTIONS]`],
    ["Commands:", ...indented(listed.map(({ name, summary }) => [name, summary]))],
    ["Options:", ...indented(optionRows(group === "" ? PROGRAM_OPTIONS : COMMON_OPTIONS))],
    [`"${PROGRAM} COMMAND --help" shows the help of a command.`],
  ]);
}

/** Returns the help of a command. */
export function commandHelp(command: Command): string {
  const { name, summary, parameters = [], options = {}, details } = command;
  return sections([
    [`Usage: ${[PROGRAM, name, ...parameters, "[OPTIONS]"].join(" ")}`],
    [`${summary[0]!.toUpperCase()}${summary.slice(1)}.`],
    details === undefined ? [] : [details],
    ["Options:", ...indented(optionRows({ ...options, ...COMMON_OPTIONS }))],
  ]);
}

function optionRows(options: Readonly<Record<string, Option>>): string[][] {
  return Object.entries(options).map(([name, { value, meaning }]) => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    meaning,
  ]);
}

function indented(rows: readonly (readonly string[])[]): string[] {
  return formatTable(rows).map((line) => `  ${line}`);
}

function sections(parts: readonly (readonly string[])[]): string {
  return parts.filter((lines) => lines.length > 0).map((lines) => lines.join("\n")).join("\n\n");
}
