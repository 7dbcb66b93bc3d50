/**
 * Rows of the record of deliveries, which are the same in every database.
 *
 * @module
 */

/** The columns that a refused login does not have. */
export const NO_TRANSACTION = {
  stage: "auth",
  appPasswordId: "",
  sender: "",
  recipientCount: 0,
  refusedCount: 0,
  sizeOctets: 0,
  durationMs: 0,
  attempts: 1,
} as const;

/** Begins the statements that list deliveries. */
export const SELECT_DELIVERIES = `
  SELECT deliveries.*, app_passwords.name AS app_password_name
  FROM deliveries LEFT JOIN app_passwords ON app_passwords.id = app_password_id`;

/** The columns in which a search looks. */
export const SEARCHED_COLUMNS = [
  "sender",
  "original_from",
  "recipients",
  "reply",
  "queue_id",
  "client_address",
];
