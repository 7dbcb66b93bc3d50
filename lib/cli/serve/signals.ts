/**
 * Signals of the operating system, and what SIGHUP does.
 *
 * @module
 */
import { errorText } from "../../base/mod.ts";
import type { CertificateWatch } from "../../certificates/mod.ts";
import { getLogger } from "../../log/mod.ts";
import type { Services } from "../../program/mod.ts";

const ON_WINDOWS = Deno.build.os === "windows";
const STOP_SIGNALS: readonly Deno.Signal[] = ON_WINDOWS ? ["SIGINT"] : ["SIGINT", "SIGTERM"];

/** The exit codes of a program that a signal has ended, as in shells. */
const SIGNAL_EXITS: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 };

/** Waits for a signal to stop. A second one ends the program at once. */
export function stopSignal(): Promise<Deno.Signal> {
  const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
  let stopping = false;
  const take = (signal: Deno.Signal) => {
    if (stopping) stopAtOnce(signal);
    stopping = true;
    resolve(signal);
  };
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, () => take(signal));
  return promise;
}

function stopAtOnce(signal: Deno.Signal): never {
  getLogger("main").warning("stopped at once, with work in progress", { signal });
  Deno.exit(SIGNAL_EXITS[signal]);
}

/** Calls back on each SIGHUP, the usual signal to reload files. Windows has none. */
export function onHangUp(callback: () => void): Disposable {
  if (ON_WINDOWS) return { [Symbol.dispose]: () => {} };
  Deno.addSignalListener("SIGHUP", callback);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", callback) };
}

const log = getLogger("reload");
const FILTERS = "account filters";

/** Reads account filters and certificates again. Files that cannot be used raise an alert; the former ones stay in use. */
export async function reload(
  { signUpPolicy, accounts, alerts }: Services,
  certificates: readonly CertificateWatch[],
): Promise<void> {
  log.info("reading account filters and certificates again");
  try {
    signUpPolicy.reload();
    alerts.clear("filters-unusable", FILTERS);
  } catch (error) {
    alerts.raise({
      kind: "filters-unusable",
      subject: FILTERS,
      text: `The account filters could not be read again: ${errorText(error)}`,
      remedy: "The former filters stay in force. Correct the file and send SIGHUP again.",
      fixer: "operator",
    });
  }
  await accounts.enforcePolicy().catch((error) =>
    log.error("accounts could not be checked against the filters", { error: errorText(error) })
  );
  await Promise.all(certificates.map((certificate) => certificate.check()));
}
