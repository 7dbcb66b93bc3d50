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
  /** Whether it expects a PROXY header first. */
  readonly speaksProxy: boolean;
  /** File with the certificate of its own authority, at the end of its chain. Absent: authorities that everybody trusts. */
  readonly authorityFile?: string;
}

/** Returns the ports of ours that a test mail can go to: one for each kind of encryption, the recommended one first. */
export function ownServers(
  { hosts, ports, publicHost, proxyProtocol, ownAuthority, certificate }: SmtpConfig,
): readonly OwnServer[] {
  const kinds = [
    [[...ports.starttls, ...ports.auto], "STARTTLS"],
    [[...ports.tls, ...ports.auto], "TLS"],
    [ports.plain, "none"],
  ] as const;
  return kinds.flatMap(([[port], encryption]) => {
    if (port === undefined) return [];
    const [host = "localhost"] = usableHosts(hosts, port);
    const speaksProxy = proxyProtocol === "required";
    const authorityFile = ownAuthority ? certificate?.certFile : undefined;
    const address = { host: reachableHost(host), port };
    return [{ ...address, encryption, publicHost, speaksProxy, authorityFile }];
  });
}
