/**
 * Several threads that serve clients on the same ports.
 *
 * @module
 */
import { type CensusMemory, createCensusMemory } from "../census.ts";
import type { ServicePorts } from "../service.ts";
import { PROBE_INTERVAL_MS } from "../tcp/network.ts";
import { PortProbe } from "../tcp/port_probe.ts";
import type { TcpService, TcpServiceSettings } from "../tcp/tcp_service.ts";
import type { Endpoint } from "../transport.ts";
import { Channel, portableCause } from "./channel.ts";
import { type Clerk, endpointKey, type Office, revivedEvent, revivedReply } from "./contract.ts";

/** What a crew is given. */
export interface CrewOptions {
  /** The program of a worker: `worker.ts` of this folder, or a bundle of it. */
  readonly program: URL;
  readonly workerCount: number;
  readonly settings: TcpServiceSettings;
  readonly ports: ServicePorts;
  /** How often a quiet port is tried, in milliseconds. */
  readonly probeIntervalMs?: number;
}

/** One thread, as the main thread sees it. */
interface Member {
  readonly thread: Worker;
  readonly clerk: Channel<Clerk>;
}

/** Starts workers, does for them what they ask, and passes on what concerns them all. */
export class Crew implements TcpService {
  readonly #options: CrewOptions;
  readonly #censusMemory: CensusMemory = createCensusMemory();
  readonly #members: Member[] = [];
  readonly #probes = new Map<string, PortProbe>();
  readonly #failed = Promise.withResolvers<Error>();
  #endpoints: readonly Endpoint[] = [];

  private constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Opens all ports in all workers. @throws when that fails in one; then all are ended. */
  static async start(options: CrewOptions): Promise<Crew> {
    const crew = new Crew(options);
    try {
      const { settings, workerCount } = options;
      // The first one finds out the real numbers of ports that may be any.
      crew.#endpoints = await crew.#add(settings);
      const others = { ...settings, endpoints: crew.#endpoints };
      await Promise.all(Array.from({ length: workerCount - 1 }, () => crew.#add(others)));
    } catch (error) {
      crew.#end();
      throw error;
    }
    crew.#watchPorts();
    return crew;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** Resolves when a worker has broken down; the crew is of no use then. */
  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  revoke(...args: Parameters<Clerk["revoke"]>): void {
    this.#tellAll("revoke", ...args);
  }

  forget(accountId: string): void {
    this.#tellAll("forget", accountId);
  }

  useCertificate(...args: Parameters<Clerk["useCertificate"]>): void {
    this.#tellAll("useCertificate", ...args);
  }

  async stop(graceSeconds: number): Promise<void> {
    for (const probe of this.#probes.values()) probe.stop();
    // Who has broken down has nothing left to stop.
    await Promise.allSettled(this.#members.map(({ clerk }) => clerk.call("stop", graceSeconds)));
    this.#end();
  }

  async #add(settings: TcpServiceSettings): Promise<readonly Endpoint[]> {
    const name = `smtp ${this.#members.length + 1}`;
    const thread = new Worker(this.#options.program, { type: "module", name });
    const clerk: Channel<Clerk> = new Channel<Clerk>(
      thread,
      this.#officeFor((accountId) => clerk.tell("evict", accountId)),
    );
    thread.addEventListener("error", (event) => {
      event.preventDefault();
      const error = new Error(`worker "${name}" broke down: ${event.message}`);
      clerk.fail(error);
      this.#failed.resolve(error);
    });
    this.#members.push({ thread, clerk });
    return await clerk.call("start", settings, this.#censusMemory);
  }

  /** What one worker may ask for. */
  #officeFor(evict: (accountId: string) => void): Office {
    const { authenticator, tokens, gatekeeper, explainRefusal, observe } = this.#options.ports;
    return {
      ...gatekeeper.gate(evict),
      async authenticate(credentials, client) {
        const account = await authenticator.authenticate(credentials, client);
        return { account, accessToken: await tokens.accessToken(account).catch(() => undefined) };
      },
      accessToken: (account, rejected) => tokens.accessToken(account, rejected),
      explainRefusal: (reply) => explainRefusal(revivedReply(reply)),
      heard: (endpoint) => this.#probeOf(endpoint)?.heard(),
      isTrial: (endpoint, remotePort) => this.#probeOf(endpoint)?.isTrial(remotePort) ?? false,
      observe: (event) => observe(revivedEvent(event)),
      // Whoever looks after the errors of this thread looks after those as well.
      fault: (error) => reportError(error),
    };
  }

  /** Ports on node:net sockets need it: see {@linkcode PortProbe}. */
  #watchPorts(): void {
    for (const endpoint of this.#endpoints.filter(({ kind }) => kind !== "plain")) {
      const probe = new PortProbe(this.#options.probeIntervalMs ?? PROBE_INTERVAL_MS);
      this.#probes.set(endpointKey(endpoint), probe);
      // Whose turn it was nobody knows, and to open a port anew does no harm.
      probe.start(endpoint, (cause) => this.#tellAll("reopen", endpoint, portableCause(cause)));
    }
  }

  #probeOf(endpoint: Endpoint): PortProbe | undefined {
    return this.#probes.get(endpointKey(endpoint));
  }

  #tellAll<Name extends keyof Clerk>(method: Name, ...args: Parameters<Clerk[Name]>): void {
    for (const { clerk } of this.#members) clerk.tell(method, ...args);
  }

  #end(): void {
    for (const { thread } of this.#members.splice(0)) thread.terminate();
  }
}
