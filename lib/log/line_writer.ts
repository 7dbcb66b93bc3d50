/**
 * Writing lines of one moment together: each write costs as much as making a line.
 *
 * @module
 */

/** How long a line may wait for others. */
const DELAY_MS = 1;

/** Gathers lines. */
export class LineWriter {
  readonly #write: (lines: string) => void;
  #waiting: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param write Takes lines, without the end of the last one. */
  constructor(write: (lines: string) => void) {
    this.#write = write;
  }

  /** Writes a line in a moment. */
  write(line: string): void {
    this.#waiting.push(line);
    this.#timer ??= setTimeout(() => this.flush(), DELAY_MS);
  }

  /** Writes what waits, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#waiting;
    this.#waiting = [];
    if (lines.length > 0) this.#write(lines.join("\n"));
  }
}
