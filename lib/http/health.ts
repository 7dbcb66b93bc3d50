/**
 * Health for those who watch the process: `/healthz`, `/readyz`, and `/metrics` where it is wanted.
 *
 * `/healthz`: the process is alive and answers. If it does not, restart it.
 *
 * `/readyz`: clients can be served: the database answers, and the SMTP ports are open. While a database that replicas share is
 * away for minutes only, the answer is 200 "degraded": all replicas would be taken out at once, although they serve all
 * senders that they know. A Microsoft that does not answer is
 * NOT a reason to be unready: another instance would fare no better, clients get a temporary error that is true, and
 * removing this instance would turn it into a refused connection. Alerts and metrics tell of Microsoft.
 *
 * @module
 */
import { errorText, PROGRAM, VERSION } from "../base/mod.ts";

/** Dependencies of the health paths. */
export interface HealthOptions {
  /** Rejects if the database cannot be read. */
  checkStore(): Promise<void>;
  /** Whether clients are served for a while although the database cannot be read. Absent: they are not. */
  canDoWithout?(): boolean;
  /** Whether the SMTP ports are open. */
  isListening(): boolean;
  /** Absent: there is no `/metrics`. */
  readonly metrics?: { readonly contentType: string; text(): Promise<string> };
}

/** Answers a request for health; returns `undefined` for any other path. */
export type HealthHandler = (request: Request) => Promise<Response> | undefined;

/** Creates the handler of all health paths. */
export function healthHandler(options: HealthOptions): HealthHandler {
  const { metrics } = options;
  const answers: Readonly<Record<string, (() => Promise<Response>) | undefined>> = {
    "/healthz": () => Promise.resolve(answer(200, { status: "alive" })),
    "/readyz": () => readiness(options),
    "/metrics": metrics && (() => metricsAnswer(metrics)),
  };
  return (request) => {
    const { pathname } = new URL(request.url);
    const found = Object.hasOwn(answers, pathname) ? answers[pathname] : undefined;
    if (!found) return undefined;
    if (request.method === "GET" || request.method === "HEAD") return found();
    return Promise.resolve(new Response(null, { status: 405, headers: { allow: "GET, HEAD" } }));
  };
}

async function readiness(
  { checkStore, canDoWithout = () => false, isListening }: HealthOptions,
): Promise<Response> {
  const database = await checkStore().then(() => "ok", errorText);
  const smtp = isListening() ? "ok" : "not listening";
  const isDegraded = database !== "ok" && canDoWithout();
  const ready = smtp === "ok" && (database === "ok" || isDegraded);
  const status = !ready ? "not ready" : isDegraded ? "degraded" : "ready";
  return answer(ready ? 200 : 503, { status, database, smtp });
}

async function metricsAnswer(metrics: NonNullable<HealthOptions["metrics"]>): Promise<Response> {
  const headers = { "content-type": metrics.contentType, "cache-control": "no-store" };
  return new Response(await metrics.text(), { headers });
}

function answer(status: number, content: Readonly<Record<string, string>>): Response {
  const headers = { "cache-control": "no-store" };
  return Response.json({ program: PROGRAM, version: VERSION, ...content }, { status, headers });
}
