/**
 * Notifications of PostgreSQL, on a separate connection.
 *
 * @module
 */
import pg from "pg";
import { SECOND_MS } from "../../base/mod.ts";
import { CHANNEL } from "../shared_database.ts";

/** The time between two attempts to connect. */
const RETRY_MS = SECOND_MS;
/** The time between two checks of the connection, which may be dead if it is silent. */
const CHECK_INTERVAL_MS = 10 * SECOND_MS;
const CHECK_TIMEOUT_MS = 3 * SECOND_MS;

/** Listens for notifications, and reconnects if the connection is lost. */
export class Listener {
  readonly #settings: pg.ClientConfig;
  readonly #onNotice: (payload: string) => void;
  #client: pg.Client | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #work: Promise<void>;
  #stopped = false;

  constructor(settings: pg.ClientConfig, onNotice: (payload: string) => void) {
    this.#settings = settings;
    this.#onNotice = onNotice;
    this.#work = this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#work;
    await this.#client?.end();
  }

  async #connect(): Promise<void> {
    const client = new pg.Client(this.#settings);
    // The next check, or `end`, shows a lost connection.
    client.on("error", () => {});
    client.on("notification", ({ payload = "" }) => this.#onNotice(payload));
    client.on("end", () => this.#plan(RETRY_MS));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      this.#client = client;
      this.#plan(CHECK_INTERVAL_MS);
    } catch {
      // The listener's owner polls as well, and reports that the database is away.
      await client.end().catch(() => {});
      this.#plan(RETRY_MS);
    }
  }

  #plan(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.#work = this.#check(), delayMs);
  }

  async #check(): Promise<void> {
    const client = this.#client;
    try {
      if (!client) throw new Error("not connected");
      await client.query(
        { text: "SELECT 1", query_timeout: CHECK_TIMEOUT_MS } as pg.QueryConfig,
      );
      this.#plan(CHECK_INTERVAL_MS);
    } catch {
      this.#client = undefined;
      await client?.end().catch(() => {});
      clearTimeout(this.#timer);
      if (!this.#stopped) await this.#connect();
    }
  }
}
