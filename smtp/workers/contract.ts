/**
 * What the main thread and a worker do for each other.
 *
 * The main thread has the database, the tokens and the web pages; it knows every account, and decides what concerns a
 * mailbox as a whole. Workers have the connections.
 *
 * @module
 */
import { formatAddress } from "../address.ts";
import type { Account, ClientInfo, Credentials } from "../backend.ts";
import type { CensusMemory } from "../census.ts";
import type { SmtpEvent } from "../events.ts";
import type { Admission } from "../gate.ts";
import { Reply } from "../reply.ts";
import type { Revoked } from "../service.ts";
import type { TcpServiceSettings } from "../tcp/tcp_service.ts";
import type { CertificatePair } from "../tcp/tls_engine.ts";
import type { Endpoint } from "../transport.ts";
import { portableCause } from "./channel.ts";

/** An account, and what is asked for next. */
export interface Authenticated {
  readonly account: Account;
  /** Absent when there is none at the moment; `accessToken` says why. */
  readonly accessToken?: string;
}

/** What the main thread does for a worker. */
export interface Office {
  authenticate(credentials: Credentials, client: ClientInfo): Promise<Authenticated>;
  accessToken(account: Account, rejected?: string): Promise<string>;
  explainRefusal(reply: Reply): string | Promise<string>;
  /** See `Gate` for this and the next three. */
  enter(accountId: string, patienceMs: number): Promise<Admission | undefined>;
  leave(accountId: string, keeps: boolean): void;
  lose(accountId: string): void;
  takeTurn(accountId: string, patienceMs: number): Promise<number | undefined>;
  /** See `PortWatch` for this and the next one. */
  heard(endpoint: Endpoint): void;
  isTrial(endpoint: Endpoint, remotePort: number): boolean | Promise<boolean>;
  observe(event: SmtpEvent): void;
  /** Takes an error that nothing in the worker had expected. */
  fault(error: unknown): void;
}

/** What a worker does for the main thread. */
export interface Clerk {
  /** Opens the ports. @returns where it listens, with the real ports. */
  start(settings: TcpServiceSettings, censusMemory: CensusMemory): Promise<readonly Endpoint[]>;
  /** See `Evict`. */
  evict(accountId: string): void;
  /** A port does not accept any more, in this worker or another one. */
  reopen(endpoint: Endpoint, cause: unknown): void;
  revoke(revoked: Revoked): void;
  forget(accountId: string): void;
  useCertificate(pair: CertificatePair): void;
  stop(graceSeconds: number): Promise<void>;
}

/** What both sides know a port by: its objects are copied on their way. */
export function endpointKey({ host, port }: Endpoint): string {
  return formatAddress(host, port);
}

/** An event as it may be handed over. */
export function portableEvent(event: SmtpEvent): SmtpEvent {
  if (event.type === "delivery") {
    const { delivery } = event;
    if (delivery.cause === undefined) return event;
    return { ...event, delivery: { ...delivery, cause: portableCause(delivery.cause) } };
  }
  return "cause" in event ? { ...event, cause: portableCause(event.cause) } : event;
}

/** An event that was handed over: its replies have lost their class. */
export function revivedEvent(event: SmtpEvent): SmtpEvent {
  switch (event.type) {
    case "delivery": {
      const { delivery } = event;
      return { ...event, delivery: { ...delivery, reply: revivedReply(delivery.reply) } };
    }
    case "disconnected":
      return { ...event, cutOff: revivedReply(event.cutOff) };
    case "command-refused":
      return { ...event, reply: revivedReply(event.reply) };
    default:
      return event;
  }
}

/** A reply that was handed over. */
export function revivedReply<T extends Reply | undefined>(reply: T): T {
  return reply && new Reply(reply.code, reply.enhanced, ...reply.lines) as T;
}
