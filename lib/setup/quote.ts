/**
 * Values as literals of the shells that administrators paste commands into.
 *
 * @module
 */

/** PowerShell ends a single-quoted string at any of these; doubled, they stand for themselves. */
const POWERSHELL_QUOTES = /['\u2018\u2019\u201a\u201b]/g;

/** Returns a text as a literal of PowerShell, in which nothing is expanded. */
export function powershellLiteral(text: string): string {
  return `'${text.replace(POWERSHELL_QUOTES, "$&$&")}'`;
}

/** Returns a text as a literal of a POSIX shell, in which nothing is expanded. */
export function shellLiteral(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
