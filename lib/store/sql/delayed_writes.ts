/**
 * Writes that may wait for their batch, and whose rows are the same in every database.
 *
 * @module
 */
import type { AppPasswordUse, Delivery, NewDelivery, RefusedLogin } from "../store.ts";
import { propertyOf } from "./sql.ts";

/** Collects writes of one database, and repeats those that it refuses. A later write of the same kind and id replaces it. */
export interface DelayedWrites {
  recordDelivery(delivery: NewDelivery): void;
  recordRefusedLogin(login: RefusedLogin): void;
  recordUse(use: AppPasswordUse): void;
  rehash(appPasswordId: string, hash: Uint8Array): void;
  /** Writes everything now. @throws {StoreError} Then everything keeps waiting. */
  flush(): Promise<void>;
  /** Writes everything now, for a reader. A failure is reported, and the writes are repeated later. */
  tryFlush(): Promise<void>;
}

/** The columns of a delivery with their types in PostgreSQL, apart from its id. */
export const DELIVERY_COLUMNS = {
  stage: "text",
  at_ms: "bigint",
  account_id: "text",
  app_password_id: "text",
  client_address: "text",
  sender: "text",
  original_sender: "text",
  original_from: "text",
  recipient_count: "bigint",
  recipients: "text",
  refused_count: "bigint",
  refused_reply: "text",
  size_octets: "bigint",
  duration_ms: "float8",
  reply: "text",
  cause: "text",
  queue_id: "text",
  outcome: "text",
  attempts: "bigint",
} as const;

/** A new row of the record. */
export type NewActivity = Omit<Delivery, "id" | "appPasswordName">;

/** The properties of a new row, in the order of {@linkcode DELIVERY_COLUMNS}. */
export const DELIVERY_PROPERTIES = Object.keys(DELIVERY_COLUMNS).map(
  propertyOf,
) as readonly (keyof NewActivity)[];

/** Returns the row of a refused login, whose other columns say nothing. */
export function refusedLoginRow(login: RefusedLogin): NewActivity {
  return {
    stage: "auth",
    appPasswordId: "",
    sender: "",
    recipientCount: 0,
    refusedCount: 0,
    sizeOctets: 0,
    durationMs: 0,
    attempts: 1,
    ...login,
  };
}

/** The key of refused logins of which one row is made in a batch. */
export function refusedLoginKey({ accountId, clientAddress, reply }: RefusedLogin): string {
  return `login ${accountId} ${clientAddress} ${reply}`;
}

/** Counts a refused login once more: an equal one since `:sinceMs`. */
export const COUNT_AGAIN = `
  UPDATE deliveries SET attempts = attempts + 1 WHERE id = (
    SELECT id FROM deliveries WHERE stage = 'auth' AND account_id = :accountId AND at_ms > :sinceMs
      AND client_address = :clientAddress AND reply = :reply LIMIT 1)`;

/** Counts the different refused logins of an account since a time. */
export const COUNT_REFUSED_LOGINS = `
  SELECT count(*) AS count FROM deliveries
  WHERE stage = 'auth' AND account_id = :accountId AND at_ms > :sinceMs`;

/** A password whose new hash exists already keeps its old one. */
export const REHASH = `
  UPDATE app_passwords SET hash = ?1
  WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM app_passwords WHERE hash = ?1)`;
