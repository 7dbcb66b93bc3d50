/** A cell that spreadsheets would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** Returns a line of a CSV file (RFC 4180). Texts that others may have written never become formulas. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(",")}\r\n`;
}

function csvCell(value: unknown): string {
  const text = String(value ?? "");
  const safe = typeof value === "string" && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
