/**
 * How this program reaches its own SMTP server.
 *
 * @module
 */
import { reachableHost, type SmtpConfig } from "../config/mod.ts";
import { usableHosts } from "../http/mod.ts";
import type { OwnServer } from "./test_mail.ts";

/** The port of ours that a test mail goes to: one with encryption, where there is one. */
export function ownServer({ hosts, ports, publicHost, proxyProtocol }: SmtpConfig): OwnServer {
  const [host = "localhost"] = usableHosts(hosts);
  const candidates = [
    [ports.starttls, "STARTTLS"],
    [ports.auto, "STARTTLS"],
    [ports.tls, "TLS"],
    [ports.plain, "none"],
  ] as const;
  const [[port = 0] = [], encryption = "none"] = candidates.find(([list]) => list.length > 0) ?? [];
  return {
    host: reachableHost(host),
    port,
    encryption,
    publicHost,
    speaksProxy: proxyProtocol === "required",
  };
}
