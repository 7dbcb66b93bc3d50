/**
 * The database: accounts, app passwords, tokens, deliveries and web sessions.
 *
 * @module
 */
export type {
  AccountRecord,
  AccountUse,
  AppPassword,
  Delivery,
  DeliveryCount,
  DeliveryQuery,
  FoundAppPassword,
  Identity,
  NewDelivery,
  Revocation,
  SignedInAccount,
  WebSession,
} from "./records.ts";
export { SqliteStore } from "./sqlite/sqlite_store.ts";
export {
  type AccountState,
  type AccountStore,
  type AppPasswordStore,
  type DeliveryOutcome,
  type DeliveryStore,
  type Store,
  StoreError,
  type TokenStore,
  type WebSessionStore,
} from "./store.ts";
export { type StoredTokens, type TokenSet, TokenVault } from "./token_vault.ts";
