/**
 * Handles uncaught errors.
 *
 * Such an error most likely belongs to one connection, and the others continue. Many of them in a short time mean that the
 * program is unhealthy: then it stops in order, and the service manager (systemd, a container engine) starts it again.
 *
 * @module
 */
import { MINUTE_MS } from "../base/mod.ts";
import type { Logger } from "../log/mod.ts";

/** Dependencies of a {@linkcode ProcessGuard}. */
interface ProcessGuardOptions {
  readonly log: Pick<Logger, "error" | "fatal">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Called on each error. */
  readonly onError: () => void;
  /** Called once, if there are too many. */
  readonly giveUp: () => void;
}

const ERROR_LIMIT = 10;
const WINDOW_MS = MINUTE_MS;

/** Logs and counts uncaught errors. */
export class ProcessGuard {
  readonly #options: ProcessGuardOptions;
  #times: number[] = [];
  #gaveUp = false;

  constructor(options: ProcessGuardOptions) {
    this.#options = options;
  }

  /** Catches the uncaught errors of the whole process from now on. */
  install(target: EventTarget = globalThis): void {
    target.addEventListener("error", (event) => {
      event.preventDefault();
      this.handle("uncaught exception", (event as ErrorEvent).error);
    });
    target.addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      this.handle("unhandled rejection", (event as PromiseRejectionEvent).reason);
    });
  }

  /** Handles one error. The log redacts secrets in it. */
  handle(kind: string, error: unknown): void {
    const { log, now, onError, giveUp } = this.#options;
    log.error(kind, { error, stack: error instanceof Error ? error.stack : undefined });
    onError();
    const nowMs = now();
    this.#times = [...this.#times.filter((timeMs) => nowMs - timeMs < WINDOW_MS), nowMs];
    if (this.#times.length < ERROR_LIMIT || this.#gaveUp) return;
    this.#gaveUp = true;
    log.fatal("too many unexpected errors, stopping", { count: ERROR_LIMIT, seconds: 60 });
    giveUp();
  }
}
