/**
 * Fits the limits on connections to the number of file descriptors that this process may open.
 *
 * @module
 */
import type { Config } from "../../config/mod.ts";
import { DEFAULT_HTTP_LIMITS } from "../../http/mod.ts";
import { getLogger } from "../../log/mod.ts";

/** Limits that together fit into the available file descriptors. */
export interface FittedLimits {
  /** Simultaneous connections of mail clients. */
  readonly smtpConnectionCount: number;
  /** Simultaneous connections to the web pages. */
  readonly webConnectionCount: number;
  /** Simultaneous connections to the port for health and metrics. */
  readonly healthConnectionCount: number;
}

/** Files, database, listeners, and connections to Microsoft's identity service. */
const OWN_DESCRIPTORS = 128;
/** The part that is reserved for rejected clients: each has a descriptor until its connection is closed. */
const CLOSING_PART = 1 / 10;
/** A client, and its connection to the submission server. */
const DESCRIPTORS_PER_CLIENT = 2;
const HEALTH_CONNECTIONS = 32;
/** The largest part that the web pages get. */
const WEB_PART = 1 / 4;

const log = getLogger("main");

/**
 * Returns the limits on connections. Logs the limit on descriptors, with a warning if it lowers a limit that was set.
 *
 * @param descriptorLimit The limit of this process; absent: unknown.
 */
export function fitToDescriptors(config: Config, descriptorLimit?: number): FittedLimits {
  const wanted: FittedLimits = {
    smtpConnectionCount: config.smtp.limits.connectionCount,
    webConnectionCount: DEFAULT_HTTP_LIMITS.connectionCount,
    healthConnectionCount: HEALTH_CONNECTIONS,
  };
  if (descriptorLimit === undefined) {
    log.info("limit on file descriptors is not known", { ...wanted });
    return wanted;
  }
  const fitted = fit(wanted, descriptorLimit);
  const isLowered = fitted.smtpConnectionCount < wanted.smtpConnectionCount;
  log[isLowered ? "warning" : "info"](
    isLowered
      ? "fewer connections than SMTP_MAX_CONNECTIONS, as there are too few file descriptors: raise the limit (LimitNOFILE, ulimit -n)"
      : "limits fit the file descriptors",
    { descriptors: descriptorLimit, ...fitted },
  );
  return fitted;
}

function fit(wanted: FittedLimits, descriptorLimit: number): FittedLimits {
  const own = OWN_DESCRIPTORS + descriptorLimit * CLOSING_PART;
  const free = Math.max(0, descriptorLimit - own - wanted.healthConnectionCount);
  const webConnectionCount = atLeastOne(Math.min(wanted.webConnectionCount, free * WEB_PART));
  const smtpConnectionCount = atLeastOne(
    Math.min(wanted.smtpConnectionCount, (free - webConnectionCount) / DESCRIPTORS_PER_CLIENT),
  );
  return { ...wanted, smtpConnectionCount, webConnectionCount };
}

function atLeastOne(count: number): number {
  return Math.max(1, Math.floor(count));
}
