/**
 * Connects to upstreams with the real sockets and prints what came of it, as JSON. It is a program of its own because whom the
 * runtime trusts is decided when it starts, by `DENO_CERT`.
 *
 *     deno run --allow-net --allow-env smtp/testing/sign_in_over_tls.ts 127.0.0.1:2525:starttls localhost:2465:implicit
 */
import { Deadlines } from "../upstream/deadlines.ts";
import type { SubmissionTarget } from "../backend.ts";
import { systemClock } from "../../lib/base/mod.ts";
import { TcpDialer } from "../net/native_transport.ts";
import { UpstreamConnection } from "../upstream/connection.ts";
import { UpstreamError } from "../protocol/failure.ts";

/** `open`, or the fault of the {@linkcode UpstreamError}. */
async function outcomeOf(target: SubmissionTarget): Promise<string> {
  try {
    const connection = await UpstreamConnection.open({
      deadlines: new Deadlines(systemClock),
      target,
      greetingName: "proxy.example",
      dialer: new TcpDialer(systemClock),
      clock: systemClock,
    });
    await connection.quit();
    return "open";
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return error.fault;
  }
}

const outcomes: string[] = [];
for (const argument of Deno.args) {
  const [host = "", port, tls] = argument.split(":");
  outcomes.push(await outcomeOf({ host, port: Number(port), tls: tls as SubmissionTarget["tls"] }));
}
console.log(JSON.stringify(outcomes));
