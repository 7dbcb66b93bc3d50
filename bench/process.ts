/**
 * Child processes, and what they take of the machine (Linux).
 *
 * @module
 */

/** `USER_HZ`: the unit of process times in `/proc`. */
const TICKS_PER_SECOND = 100;
const PAGE_OCTETS = 4_096;
/** Positions in `/proc/PID/stat` behind the command's name. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

const POLL_MS = 2;
/** Errors of a connection to a port that is not open yet, or only tried. */
const { ConnectionRefused, ConnectionReset, NotConnected } = Deno.errors;
const NOT_YET = [ConnectionRefused, ConnectionReset, NotConnected];
const START_TIMEOUT_MS = 120_000;

const running = new Set<Deno.ChildProcess>();

/** Ends all that were started: for a benchmark that is interrupted. */
export function endAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** A process that was started by the benchmark. */
export class Process implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    running.add(child);
    child.status.then(() => running.delete(child));
  }

  /** CPU time so far, all threads, in seconds. */
  get cpuSeconds(): number {
    const stat = Deno.readTextFileSync(`/proc/${this.#child.pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND;
  }

  /** Resident memory. */
  get residentOctets(): number {
    const [, pages] = Deno.readTextFileSync(`/proc/${this.#child.pid}/statm`).split(" ");
    return Number(pages) * PAGE_OCTETS;
  }

  /** Open files and sockets. */
  get descriptorCount(): number {
    return [...Deno.readDirSync(`/proc/${this.#child.pid}/fd`)].length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
  }

  /** Waits until an SMTP server greets. @throws when the process ends before. */
  async greets(port: number): Promise<void> {
    let ended = false;
    this.#child.status.then(() => ended = true);
    const untilMs = performance.now() + START_TIMEOUT_MS;
    while (!await isGreeted(port)) {
      if (ended || performance.now() > untilMs) throw new Error(`nobody greets on port ${port}`);
      await sleep(POLL_MS);
    }
  }
}

async function isGreeted(port: number): Promise<boolean> {
  try {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    // To a closed port, the system can connect a socket with itself, by a simultaneous open (RFC 9293 section 3.5).
    if (connection.localAddr.port === port) return false;
    return await connection.read(new Uint8Array(3)) === 3;
  } catch (error) {
    // The program tries its ports before it opens them, which resets the connections of that moment.
    if (NOT_YET.some((kind) => error instanceof kind)) return false;
    throw error;
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether a program is there. */
export function isInstalled(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["-v"], stdin: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
