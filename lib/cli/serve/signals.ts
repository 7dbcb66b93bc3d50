/**
 * Signals of the operating system.
 *
 * @module
 */
const ON_WINDOWS = Deno.build.os === "windows";
const STOP_SIGNALS: readonly Deno.Signal[] = ON_WINDOWS ? ["SIGINT"] : ["SIGINT", "SIGTERM"];

/** Waits for the signal to stop. A second one ends the program at once. */
export function stopSignal(): Promise<Deno.Signal> {
  const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
  const listeners = STOP_SIGNALS.map((signal) => ({ signal, listener: () => resolve(signal) }));
  for (const { signal, listener } of listeners) Deno.addSignalListener(signal, listener);
  return promise.finally(() => {
    for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
  });
}

/** Calls back at each SIGHUP, by which services are told to read their files again. Windows has none. */
export function onHangUp(callback: () => void): Disposable {
  if (ON_WINDOWS) return { [Symbol.dispose]: () => {} };
  Deno.addSignalListener("SIGHUP", callback);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", callback) };
}
