/**
 * `serve` as a child process whose log a test can follow.
 *
 * @module
 */
import { fail } from "node:assert/strict";

/** How long a line of the log may take on a busy machine. */
const TIMEOUT_MS = 60_000;

export class RunningServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<unknown>;
  #log = "";
  #onText = () => {};

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#ended = Promise.all([this.#collect(child.stdout), this.#collect(child.stderr)]);
  }

  /** Starts it, and waits until it is ready. */
  static async start(command: Deno.Command): Promise<RunningServer> {
    const server = new RunningServer(command.spawn());
    await server.logs(/\bready\b/);
    return server;
  }

  /** All that it has printed. */
  get log(): string {
    return this.#log;
  }

  /** Waits for a text in the log. */
  async logs(pattern: RegExp): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onText = () => pattern.test(this.#log) && resolve();
    this.#onText();
    const timer = setTimeout(resolve, TIMEOUT_MS);
    await Promise.race([promise, this.#ended]);
    clearTimeout(timer);
    if (!pattern.test(this.#log)) fail(`The log has no ${pattern}:\n${this.#log}`);
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

  /** Stops it in order. @returns its exit code. */
  async stop(): Promise<number> {
    this.signal("SIGTERM");
    return await this.exitCode();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const state = await Promise.race([this.#child.status, Promise.resolve("running")]);
    if (state === "running") await this.stop();
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.#log += decoder.decode(chunk, { stream: true });
      this.#onText();
    }
  }
}
