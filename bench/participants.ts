/**
 * The processes that take part, as the scenarios see them.
 *
 * @module
 */
import { TextLineStream } from "./lines.ts";
import { Process } from "./process.ts";
import type { SinkPorts } from "./sink.ts";
import type { SinkBehaviour, SinkCounts } from "./sink_session.ts";

/** The program that is measured. */
export class Proxy extends Process {
  constructor(
    child: Deno.ChildProcess,
    readonly ports: { readonly plain: number; readonly tls: number; readonly http: number },
  ) {
    super(child);
  }
}

/** The yardstick. */
export class Haproxy extends Process {
  constructor(child: Deno.ChildProcess, readonly port: number) {
    super(child);
  }
}

/** A process that is told things line by line, and answers each. */
class Partner extends Process {
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;

  constructor(child: Deno.ChildProcess) {
    super(child);
    this.#input = child.stdin.getWriter();
    this.#output = child.stdout.pipeThrough(new TextLineStream()).getReader();
  }

  /** Sends a line and waits for the answer. */
  protected async tell(line: string): Promise<string> {
    await this.#input.write(new TextEncoder().encode(line + "\n"));
    return await this.hear();
  }

  /** Waits for a line. @throws when the process has ended. */
  protected async hear(): Promise<string> {
    const { value } = await this.#output.read();
    if (value === undefined) throw new Error("a process of the benchmark has ended");
    return value;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#output.cancel();
    await this.#input.abort();
    await super[Symbol.asyncDispose]();
  }
}

/** The submission server at the end. */
export class Sink extends Partner {
  #ports: SinkPorts | undefined;

  static async open(child: Deno.ChildProcess): Promise<Sink> {
    const sink = new Sink(child);
    sink.#ports = JSON.parse(await sink.hear());
    return sink;
  }

  get ports(): SinkPorts {
    return this.#ports!;
  }

  /** Changes how it behaves, and returns what it has counted so far. */
  async set(behaviour: Partial<SinkBehaviour> = {}): Promise<SinkCounts> {
    return JSON.parse(await this.tell(JSON.stringify(behaviour)));
  }
}

/** Clients that are logged in. */
export class IdleClients extends Partner {
  /** Waits until so many more are. */
  async add(count: number): Promise<void> {
    await this.tell(`${count}`);
  }
}
