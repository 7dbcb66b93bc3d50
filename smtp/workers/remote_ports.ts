/**
 * The ports of the service in a worker: they ask the main thread.
 *
 * @module
 */
import type { Account } from "../backend.ts";
import type { Evict, Gate, Gatekeeper } from "../gate.ts";
import type { ServicePorts } from "../service.ts";
import type { PortWatch } from "../tcp/port_probe.ts";
import type { Endpoint } from "../transport.ts";
import type { Channel } from "./channel.ts";
import { endpointKey, type Office, portableEvent } from "./contract.ts";

/** The gate of this worker's pool; the main thread decides. */
export class RemoteGatekeeper implements Gatekeeper {
  readonly #office: Channel<Office>;
  /** The way to make the pool give up a connection. */
  evict: Evict = () => {};

  constructor(office: Channel<Office>) {
    this.#office = office;
  }

  gate(evict: Evict): Gate {
    this.evict = evict;
    const office = this.#office;
    return {
      enter: (accountId, patienceMs) => office.call("enter", accountId, patienceMs),
      leave: (accountId, keeps) => office.tell("leave", accountId, keeps),
      lose: (accountId) => office.tell("lose", accountId),
      takeTurn: (accountId, patienceMs) => office.call("takeTurn", accountId, patienceMs),
    };
  }
}

/** Lets the main thread watch over the ports: a trial of one may arrive in any worker. */
export class RemoteWatches {
  readonly #office: Channel<Office>;
  readonly #onSilence = new Map<string, (cause: unknown) => void>();

  constructor(office: Channel<Office>) {
    this.#office = office;
  }

  /** The watch of one port. */
  create(): PortWatch {
    const office = this.#office;
    const onSilence = this.#onSilence;
    let watched: Endpoint;
    return {
      start(endpoint, callback) {
        watched = endpoint;
        onSilence.set(endpointKey(endpoint), callback);
      },
      stop: () => onSilence.delete(endpointKey(watched)),
      heard: () => office.tell("heard", watched),
      isTrial: async (remotePort) => await office.call("isTrial", watched, remotePort),
    };
  }

  /** Opens a port anew. */
  reopen(endpoint: Endpoint, cause: unknown): void {
    this.#onSilence.get(endpointKey(endpoint))?.(cause);
  }
}

/** The ports of the service, other than its gate. */
export function remotePorts(office: Channel<Office>): Omit<ServicePorts, "gatekeeper"> {
  /** The tokens of accounts that have just been found. */
  const tokens = new WeakMap<Account, string>();
  return {
    authenticator: {
      async authenticate(credentials, client) {
        const { account, accessToken } = await office.call("authenticate", credentials, client);
        if (accessToken !== undefined) tokens.set(account, accessToken);
        return account;
      },
    },
    tokens: {
      async accessToken(account, rejected) {
        const token = rejected === undefined ? tokens.get(account) : undefined;
        tokens.delete(account);
        return token ?? await office.call("accessToken", account, rejected);
      },
    },
    explainRefusal: (reply) => office.call("explainRefusal", reply),
    observe: (event) => office.tell("observe", portableEvent(event)),
  };
}
