/**
 * Lists of mailboxes, as spreadsheets and Exchange's `Export-Csv` write them.
 *
 * @module
 */
import { InputError } from "./input.ts";

/** A mailbox of a list. */
export interface ListedMailbox {
  readonly address: string;
  readonly displayName?: string;
}

/** Mailboxes of a list: more than a large organisation has devices, few enough to read at once. */
const MAX_LINES = 10_000;

/** Names of columns, as spreadsheets and `Get-Mailbox` have them. */
const ADDRESS_COLUMN = /address|e-?mail|mailbox/i;
const NAME_COLUMN = /name/i;
/** A comment, such as the first line of an old PowerShell, or Excel's line that names the separator. */
const NO_ROW = /^(?:#|sep=)/i;

/**
 * Reads a list of mailboxes: one a line, its address first and perhaps a name after it, separated by commas, semicolons or tabs.
 * A first line without an address names the columns. Lines that begin with `#` are comments.
 *
 * @throws {InputError} with the number of each line that has no address.
 */
export function parseMailboxList(text: string): readonly ListedMailbox[] {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  const separator = separatorIn(lines);
  const rows = lines
    .map((line, index) => ({ number: index + 1, cells: cellsOf(line, separator) }))
    .filter(({ cells: [first = "", ...others] }) =>
      (first !== "" || others.some((cell) => cell !== "")) && !NO_ROW.test(first)
    );
  const [first] = rows;
  const isHeading = first?.cells.every((cell) => !cell.includes("@")) ?? false;
  const columns = columnsOf(isHeading ? first!.cells : []);
  const entries = isHeading ? rows.slice(1) : rows;
  checkRows(entries, columns.address);
  return entries.map(({ cells }) => ({
    address: cells[columns.address]!,
    displayName: cells[columns.name] || undefined,
  }));
}

/**
 * Decodes a list as programs write it: UTF-8, UTF-16 with its mark as Windows has it, or Windows-1252 as spreadsheets do.
 */
export function decodeList(octets: Uint8Array): string {
  const isUtf16 = octets[0] === 0xff && octets[1] === 0xfe;
  if (isUtf16) return new TextDecoder("utf-16le").decode(octets);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return new TextDecoder("windows-1252").decode(octets);
  }
}

function columnsOf(
  heading: readonly string[],
): { readonly address: number; readonly name: number } {
  const address = heading.findIndex((cell) => ADDRESS_COLUMN.test(cell));
  const name = heading.findIndex((cell) => NAME_COLUMN.test(cell));
  if (address < 0) return { address: 0, name: 1 };
  return { address, name };
}

function checkRows(
  rows: readonly { readonly number: number; readonly cells: readonly string[] }[],
  column: number,
): void {
  if (rows.length === 0) throw new InputError("mailbox", "The list has no mailboxes.");
  if (rows.length > MAX_LINES) {
    throw new InputError("mailbox", `The list has more than ${MAX_LINES} lines. Split it.`);
  }
  const wrong = rows.filter(({ cells }) => !cells[column]?.includes("@"));
  if (wrong.length === 0) return;
  const numbers = wrong.slice(0, 10).map(({ number }) => number).join(", ");
  throw new InputError("mailbox", `There is no address in line ${numbers} of the list.`);
}

/** Spreadsheets use the separator of their country. The first line that is no comment shows it, outside of quotes. */
function separatorIn(lines: readonly string[]): string {
  const line = lines.find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "";
  const first = line.replace(/"[^"]*"/g, "");
  return ["\t", ";"].find((separator) => first.includes(separator)) ?? ",";
}

/** A cell in quotes, in which quotes are doubled (RFC 4180 section 2), or one without. */
const CELL = /^\s*(?:"((?:[^"]|"")*)"\s*|([^]*))$/;

function cellsOf(line: string, separator: string): readonly string[] {
  const cells: string[] = [];
  let cell = "";
  for (const piece of line.split(separator)) {
    cell += piece;
    // A separator inside quotes: the quotes before it are an odd number.
    const isOpen = cell.trimStart().startsWith('"') && cell.split('"').length % 2 === 0;
    if (isOpen) cell += separator;
    else {
      cells.push(valueOf(cell));
      cell = "";
    }
  }
  return cell === "" ? cells : [...cells, valueOf(cell)];
}

function valueOf(cell: string): string {
  const [, quoted, plain = ""] = CELL.exec(cell) ?? [];
  return (quoted?.replaceAll('""', '"') ?? plain).trim();
}
