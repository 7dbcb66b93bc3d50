/** A command line that a POSIX shell takes as these words (IEEE Std 1003.1, section 2.2.2). */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

/** One word for a POSIX shell. */
export function shellWord(word: string): string {
  return /^[\w@.,:/+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
