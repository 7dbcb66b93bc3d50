/**
 * A worker as the program's, in which something unexpected happens: `?fault=` names it.
 *
 * @module
 */
import "../workers/worker.ts";

const FAULTS: Readonly<Record<string, () => void>> = {
  exception: () => {
    throw new Error("unexpected exception");
  },
  rejection: () => void Promise.reject(new Error("unexpected rejection")),
};

const fault = FAULTS[new URL(import.meta.url).searchParams.get("fault")!]!;
// After the first message, so that the worker has begun its work.
globalThis.addEventListener("message", () => queueMicrotask(fault), { once: true });
