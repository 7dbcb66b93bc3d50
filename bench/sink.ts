/**
 * A fast submission server that throws everything away, as a process of its own. It takes XOAUTH2 with any token.
 *
 * Each line of its standard input is a JSON object that changes its {@linkcode SinkBehaviour}; each is answered with a line
 * that has its {@linkcode SinkCounts}. The first line of output says where it listens.
 *
 * @module
 */
import { TextLineStream } from "./lines.ts";
import { type SinkBehaviour, type SinkCounts, SinkSession } from "./sink_session.ts";
import { systemClock } from "../lib/base/mod.ts";
import { TcpNetwork } from "../smtp/net/network.ts";
import type { Arrival } from "../smtp/net/transport.ts";

/** The ports of the sink: one a kind. */
export interface SinkPorts {
  readonly plain: number;
  readonly tls: number;
  readonly starttls: number;
}

const KINDS = ["plain", "tls", "starttls"] as const;

/** Serves until the input ends. */
async function main(keyFile: string, certFile: string): Promise<void> {
  const behaviour: SinkBehaviour = { chunking: true, delayMs: 0, rateOctetsPerSecond: 0 };
  const counts: SinkCounts = { connections: 0, messages: 0, octets: 0, commands: 0, roundTrips: 0 };
  const network = new TcpNetwork({
    certificate: {
      key: Deno.readTextFileSync(keyFile),
      cert: Deno.readTextFileSync(certFile),
    },
    proxyProtocol: { mode: "off", trusted: { includes: () => false } },
    clock: systemClock,
    inspectionDelayMs: 1000,
    observe: (event) => {
      if (event.type === "listener-failure") console.error("sink: cannot accept", event.cause);
    },
  });
  const serve = async (arrival: Arrival) => {
    try {
      await new SinkSession(await arrival.accept(), behaviour, counts).run();
    } catch {
      // A client that breaks off is its own business: its missing messages show in the counts.
    }
  };
  const ports: Record<string, number> = {};
  for (const kind of KINDS) {
    const { endpoint } = await network.listen({ kind, host: "127.0.0.1", port: 0 }, serve);
    ports[kind] = endpoint.port;
  }
  console.log(JSON.stringify(ports));
  for await (const line of Deno.stdin.readable.pipeThrough(new TextLineStream())) {
    Object.assign(behaviour, JSON.parse(line));
    console.log(JSON.stringify(counts));
  }
}

if (import.meta.main) {
  const [keyFile, certFile] = Deno.args;
  if (keyFile === undefined || certFile === undefined) {
    console.error("Usage: sink.ts KEY_FILE CERT_FILE");
    Deno.exit(64);
  }
  await main(keyFile, certFile);
  Deno.exit(0);
}
