/** Returns a number with its noun, which has a regular plural: `1 mailbox`, `1,200 mailboxes`. */
export function counted(count: number, noun: string): string {
  const ending = count === 1 ? "" : noun.endsWith("x") ? "es" : "s";
  return `${count.toLocaleString("en")} ${noun}${ending}`;
}
