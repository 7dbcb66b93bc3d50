/**
 * How this program reaches its own SMTP server.
 *
 * @module
 */
import type { SmtpConfig } from "../config/mod.ts";
import { usableHosts } from "../http/mod.ts";
import type { OwnServer } from "./test_mail.ts";

/** All addresses of this machine: reached by the loopback address. */
const LOOPBACK: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** The port of ours that a test mail goes to: one with encryption, where there is one. */
export function ownServer({ hosts, ports, publicHost, proxyProtocol }: SmtpConfig): OwnServer {
  const [host = "localhost"] = usableHosts(hosts);
  const candidates = [
    [ports.startTls, "STARTTLS"],
    [ports.autoTls, "STARTTLS"],
    [ports.tls, "TLS"],
    [ports.plain, "none"],
  ] as const;
  const [[port = 0] = [], encryption = "none"] = candidates.find(([list]) => list.length > 0) ?? [];
  return {
    host: LOOPBACK[host] ?? host,
    port,
    encryption,
    publicHost,
    speaksProxy: proxyProtocol === "required",
  };
}
