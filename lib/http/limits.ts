/**
 * Limits of the web servers. A browser needs far less of everything.
 *
 * @module
 */
import { SECOND_MS } from "../base/mod.ts";

/** Limits of one {@linkcode HttpServer}. */
export interface HttpLimits {
  /** Time for a TLS handshake, in milliseconds. */
  readonly handshakeMs: number;
  /** Time for the header of a request, in milliseconds. */
  readonly headerMs: number;
  /** Time for a whole request, in milliseconds. */
  readonly requestMs: number;
  /** Time between two requests of a connection, in milliseconds. */
  readonly keepAliveMs: number;
  /** Time in which a client has to take {@linkcode PIECE_OCTETS} of an answer, in milliseconds. */
  readonly stallMs: number;
  /** Time in which a client that has been refused may finish sending, and read why, in milliseconds. */
  readonly lingerMs: number;
  /** Octets of a request's body. */
  readonly bodyOctets: number;
  /** Connections at the same time. */
  readonly connectionCount: number;
  /** Of them from one network; twice and four times as many from an IPv6 /56 and /48. */
  readonly connectionCountPerNetwork: number;
}

/** The limits in use. */
export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  handshakeMs: 10 * SECOND_MS,
  headerMs: 10 * SECOND_MS,
  requestMs: 20 * SECOND_MS,
  keepAliveMs: 30 * SECOND_MS,
  stallMs: 20 * SECOND_MS,
  lingerMs: 5 * SECOND_MS,
  bodyOctets: 64 * 1024,
  connectionCount: 1_024,
  connectionCountPerNetwork: 128,
};

/** Connections that are left to this machine and to trusted proxies when all others are taken: health has to answer. */
export const RESERVED_CONNECTIONS = 16;

/** An answer is handed to the system in pieces of this size: what waits is bounded, and a reader who stops is noticed. */
export const PIECE_OCTETS = 64 * 1024;

/** Requests of one connection that wait for their answers. Browsers send the next after the answer. */
export const REQUESTS_PER_CONNECTION = 16;

/** Requests beyond that which wait for the end of the connection, some kilobytes each. Who sends more gets one 429. */
export const EXCESS_REQUESTS_PER_CONNECTION = 240;

/** Lines of a request's header. A browser sends about twenty; Deno's `Headers` takes a third of a second for a thousand. */
export const HEADER_LINES = 100;
