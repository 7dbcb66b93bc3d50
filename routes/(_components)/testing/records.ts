/**
 * Records for tests of the pages.
 *
 * @module
 */
import type { AccountRecord, AppPassword, Delivery } from "../../../lib/store/store.ts";

/** Every new app password. */
export const PASSWORD = "2222-3333-4444-5555";

/** The signed-in account. */
export const ACCOUNT: AccountRecord = {
  id: "account-1",
  appOnly: false,
  tenantId: "9188040d-6c67-4c5b-b112-36a304b66dad",
  objectId: "00000000-0000-0000-0000-000000000001",
  signInName: "me@example.com",
  signInNameConfirmed: true,
  email: "me@example.com",
  emailVerified: true,
  displayName: "Me",
  isInvited: false,
  clientId: "client-1",
  state: "active",
  stateSinceMs: 0,
  createdAtMs: 0,
  signedInAtMs: 0,
  refreshedAtMs: 0,
};

/** An app password of this name. */
export function appPasswordOf(accountId: string, name: string): AppPassword {
  const rules = { forcedSender: false, imported: false };
  return { id: `id-of-${name}`, accountId, name, ...rules, createdAtMs: 1_700_000_000_000 };
}

/** A delivery of {@linkcode ACCOUNT}. */
export function deliveryOf(id: number, changes: Partial<Delivery> = {}): Delivery {
  return {
    id,
    stage: "data",
    atMs: 1_767_225_000_000,
    accountId: ACCOUNT.id,
    appPasswordId: "id-of-printer",
    appPasswordName: "printer",
    clientAddress: "192.0.2.7",
    sender: "me@example.com",
    recipientCount: 2,
    refusedCount: 0,
    attempts: 1,
    sizeOctets: 12_345,
    durationMs: 840,
    reply: "250 2.0.0 OK <id@host>",
    queueId: "id@host",
    outcome: "accepted",
    ...changes,
  };
}
