/**
 * The way from this program to its own SMTP server.
 *
 * @module
 */
import { reachableHost, type SmtpConfig } from "../config/mod.ts";
import type { Encryption } from "../guides/mod.ts";
import { usableHosts } from "../http/mod.ts";

/** The address of our own SMTP server, seen from this machine. */
export interface OwnServer {
  readonly host: string;
  readonly port: number;
  readonly encryption: Encryption;
  /** The name that its certificate should show. */
  readonly publicHost: string;
  /** It expects a PROXY header first. */
  readonly speaksProxy: boolean;
}

/** Returns the port of ours that a test mail goes to: one with encryption, where there is one. */
export function ownServer({ hosts, ports, publicHost, proxyProtocol }: SmtpConfig): OwnServer {
  const candidates = [
    [ports.starttls, "STARTTLS"],
    [ports.auto, "STARTTLS"],
    [ports.tls, "TLS"],
    [ports.plain, "none"],
  ] as const;
  const [[port = 0] = [], encryption = "none"] = candidates.find(([list]) => list.length > 0) ?? [];
  const [host = "localhost"] = usableHosts(hosts, port);
  return {
    host: reachableHost(host),
    port,
    encryption,
    publicHost,
    speaksProxy: proxyProtocol === "required",
  };
}
