/**
 * Tells this program's own clients, such as the test mail, why they were refused: from a reply alone they could only guess.
 *
 * @module
 */
import type { Observer } from "../../smtp/mod.ts";
import type { Cause } from "../explain/mod.ts";
import { causeIn } from "./cause.ts";

/** A client that is watched. */
export interface Watched extends Disposable {
  /** Why it was refused for the first time; absent: not yet. */
  readonly cause?: Cause;
}

/** Watches the sessions of clients whose names in EHLO are known. */
export class RefusalWatch {
  readonly #causes = new Map<string, Cause | undefined>();

  /** Takes the events of the SMTP server. */
  readonly observe: Observer = (event) => {
    if (!("client" in event) && event.type !== "delivery") return;
    const client = event.type === "delivery" ? event.delivery.client : event.client;
    if (!this.#causes.has(client.helo) || this.#causes.get(client.helo) !== undefined) return;
    this.#causes.set(client.helo, causeIn(event));
  };

  /** Watches the client that greets us by this name, which nobody can guess. Ends with its disposal. */
  watch(helo: string): Watched {
    const causes = this.#causes;
    causes.set(helo, undefined);
    return {
      get cause() {
        return causes.get(helo);
      },
      [Symbol.dispose]: () => void causes.delete(helo),
    };
  }
}
