/**
 * The program as a process whose log a test can follow.
 *
 * @module
 */
import { fail } from "node:assert/strict";

/** The longest time that a line of the log may take on a busy machine. */
const TIMEOUT_MS = 180_000;

/** A process of the program. */
export class RunningProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  /** Resolves when both of its streams have ended. */
  readonly #ended: Promise<unknown>;
  #log = "";
  #hasEnded = false;
  #onText = () => {};

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    const streams = [this.#collect(child.stdout), this.#collect(child.stderr)];
    this.#ended = Promise.all(streams).then(() => this.#hasEnded = true);
  }

  /** Starts a server, and waits until it is ready. @throws if it ends instead. */
  static async start(command: Deno.Command): Promise<RunningProgram> {
    const program = new RunningProgram(command.spawn());
    try {
      await program.logs(/\bready\b/);
      return program;
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a program that ends by itself. */
  static async toItsEnd(command: Deno.Command): Promise<{ code: number; log: string }> {
    await using program = new RunningProgram(command.spawn());
    return { code: await program.exitCode(), log: program.log };
  }

  /** Everything that it has printed so far. */
  get log(): string {
    return this.#log;
  }

  /** Waits for a text in the log. @throws if the process ends without it. */
  async logs(pattern: RegExp): Promise<void> {
    const { promise: foundOrLate, resolve } = Promise.withResolvers<void>();
    this.#onText = () => pattern.test(this.#log) && resolve();
    this.#onText();
    const timer = setTimeout(resolve, TIMEOUT_MS);
    await Promise.race([foundOrLate, this.#ended]);
    clearTimeout(timer);
    if (pattern.test(this.#log)) return;
    const state = this.#hasEnded ? `ended with code ${(await this.#child.status).code}` : "hangs";
    fail(`The program ${state} and did not print ${pattern}:\n${this.#log}`);
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for its end. */
  async exitCode(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#ended;
    return code;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.exitCode();
  }

  /** Stops it in order. @returns its exit code. */
  async stop(): Promise<number> {
    this.signal("SIGTERM");
    return await this.exitCode();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) await this.stop();
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.#log += decoder.decode(chunk, { stream: true });
      this.#onText();
    }
  }
}
