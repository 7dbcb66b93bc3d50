/**
 * `healthcheck`: asks the running server whether it is ready.
 *
 * @module
 */
import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import { formatAddress } from "../../smtp/mod.ts";
import { errorText } from "../base/mod.ts";
import { type Config, reachableHost } from "../config/mod.ts";
import { type Call, type Command, CommandError } from "./command.ts";
import { EXIT } from "./exit_codes.ts";

const TIMEOUT_MS = 5_000;

/** `healthcheck`. */
export const healthcheckCommand: Command = {
  name: "healthcheck",
  summary: "ask the server running on this machine whether it is ready, for containers",
  details: "Exit code 0: it is ready; 1: it is not, or it does not answer.",
  access: { network: "running-server" },
  run: healthcheck,
};

async function healthcheck({ output, config }: Call): Promise<number> {
  const url = healthUrl(config(), "/readyz");
  const { status, body } = await askHealth(url).catch((error) => {
    throw new CommandError(`${url} does not answer: ${errorText(error)}`, EXIT.failed);
  });
  const ready = status === 200;
  output.show({ ready, url: url.href, answer: body }, () => output.line(body.trim()));
  return ready ? EXIT.ok : EXIT.failed;
}

/** Returns a URL of the running server, as seen from this machine. */
export function healthUrl({ metrics, http }: Config, path: string): URL {
  const { hosts: [host = "localhost"], ports: [port = 0] } = metrics ?? http;
  const scheme = metrics === undefined && http.certificate ? "https" : "http";
  return new URL(`${scheme}://${formatAddress(reachableHost(host), port)}${path}`);
}

/** The answer of the running server. */
interface HealthAnswer {
  readonly status: number;
  readonly body: string;
}

/** Asks. Any certificate will do: it is for the public name, not for this address, and nothing secret is sent. */
export function askHealth(url: URL): Promise<HealthAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HealthAnswer>();
  const options = { timeout: TIMEOUT_MS, rejectUnauthorized: false };
  const get = url.protocol === "https:" ? getHttps : getHttp;
  const request = get(url, options, (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (piece: string) => body += piece);
    response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    response.on("error", reject);
  });
  request.on("timeout", () => request.destroy(new Error("no answer in time")));
  request.on("error", reject);
  return promise;
}
