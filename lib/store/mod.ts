/**
 * The database: accounts, app passwords, encrypted tokens, deliveries, the audit trail and web sessions.
 *
 * @module
 */
export type { DeliveryOutcome } from "../../smtp/mod.ts";
export { copyToPostgres, copyToSqlite, openStore } from "./open/open_store.ts";
export { SqliteStore } from "./sqlite/sqlite_store.ts";
export { CHANNEL, LOCK_CLASS, LOCKS, markBatch, type SharedDatabase } from "./shared_database.ts";
export type { Statements } from "./statements.ts";
export {
  ACCOUNT_ORDERS,
  ACCOUNT_STATES,
  type AccountConditions,
  type AccountOrder,
  type AccountRecord,
  type AccountState,
  type AccountStore,
  type AccountUse,
  type AddressedAppPassword,
  type AdminGrantStore,
  type AppPassword,
  type AppPasswordCount,
  type AppPasswordRules,
  type AppPasswordStore,
  type AuditEntry,
  type AuditStore,
  type Delivery,
  type DeliveryCount,
  type DeliveryPage,
  type DeliveryQuery,
  type DeliverySearch,
  type DeliveryStore,
  type FoundAppPassword,
  type Identity,
  type Invitation,
  type InvitationStore,
  type MailboxRecord,
  type MarkStore,
  type NewDelivery,
  type RefusedLogin,
  type Revocation,
  SEARCH_DEPTH,
  type SecretEndStore,
  type SignedInAccount,
  type Store,
  StoreError,
  type TokenStore,
  type WebSession,
  type WebSessionStore,
} from "./store.ts";
export { type StoredTokens, type TokenSet, TokenVault } from "./token_vault.ts";
export { type StoredValue, ValueVault } from "./value_vault.ts";
export { DELIVERY_OUTCOMES } from "../../smtp/mod.ts";
