/**
 * Ports and connections in memory: a test lets clients connect, and plays the upstream.
 *
 * @module
 */
import type {
  Accepted,
  Arrival,
  Destination,
  Dialer,
  Endpoint,
  Listener,
  Network,
  Transport,
} from "../net/transport.ts";
import { linkedTransports, type MemoryTransport, type PairOptions } from "./memory_transport.ts";

/** Options of a client's connection. */
export interface ClientOptions extends PairOptions {
  /** Resolves or rejects the handshake on a `tls` port. */
  readonly handshake?: Promise<void>;
}

/** A network in memory. */
export class MemoryNetwork implements Network {
  readonly #open: { endpoint: Endpoint; onArrival: (arrival: Arrival) => void }[] = [];
  /** Ports that can't be opened. */
  readonly taken = new Set<number>();

  /** The ports that are open. */
  get endpoints(): Endpoint[] {
    return this.#open.map(({ endpoint }) => endpoint);
  }

  listen(endpoint: Endpoint, onArrival: (arrival: Arrival) => void): Promise<Listener> {
    if (this.taken.has(endpoint.port)) {
      return Promise.reject(new Error(`port ${endpoint.port} is in use`));
    }
    const entry = { endpoint, onArrival };
    this.#open.push(entry);
    const close = () => void this.#open.splice(this.#open.indexOf(entry), 1);
    return Promise.resolve({ endpoint, close });
  }

  useCertificate(): void {
    throw new Error("connections in memory have no certificates");
  }

  /** Connects a client to an open port. Returns the client's end. */
  connect(port: number, options: ClientOptions = {}): MemoryTransport {
    const entry = this.#open.find(({ endpoint }) => endpoint.port === port);
    if (entry === undefined) throw new Error(`nobody listens on port ${port}`);
    const { kind } = entry.endpoint;
    const [client, server] = linkedTransports({ ...options, secure: kind === "tls" });
    entry.onArrival({
      remoteAddress: server.remoteAddress,
      port,
      reject: (octets) => void server.write(octets).then(() => server.close()),
      accept: async (): Promise<Accepted> => {
        await options.handshake;
        return { transport: server, startTls: kind === "starttls" || kind === "auto" };
      },
    });
    return client;
  }
}

/** An attempt to connect to the upstream that has not been answered. */
interface Call {
  readonly destination: Destination;
  readonly answer: PromiseWithResolvers<Transport>;
}

/** A dialer whose connections a test accepts or refuses. */
export class MemoryDialer implements Dialer {
  readonly #calls: Call[] = [];

  /** The destinations of all pending calls, in order. */
  get destinations(): Destination[] {
    return this.#calls.map(({ destination }) => destination);
  }

  connect(destination: Destination, signal: AbortSignal): Promise<Transport> {
    const answer = Promise.withResolvers<Transport>();
    this.#calls.push({ destination, answer });
    signal.addEventListener("abort", () => answer.reject(signal.reason));
    return answer.promise;
  }

  /** Accepts the oldest call. Returns the upstream's end. */
  accept(options: PairOptions = {}): MemoryTransport {
    const { destination, answer } = this.#next();
    const [upstream, ours] = linkedTransports({ secure: destination.implicitTls, ...options });
    answer.resolve(ours);
    return upstream;
  }

  /** Refuses the oldest call. */
  refuse(error: Error = new Error("connection refused")): void {
    this.#next().answer.reject(error);
  }

  #next(): Call {
    const call = this.#calls.shift();
    if (call === undefined) throw new Error("nobody wants to connect to the upstream");
    return call;
  }
}
