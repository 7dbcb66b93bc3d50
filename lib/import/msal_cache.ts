/**
 * The token cache of MSAL (Microsoft's authentication library), serialized as JSON.
 *
 * @module
 */
import { isGuid } from "../microsoft/mod.ts";
import type { Identity } from "../store/mod.ts";

/** The part of a cache that is imported. */
export interface CachedAccount {
  readonly identity: Identity;
  /** MSAL's `username`: the claim `preferred_username`; empty if unknown. */
  readonly signInName: string;
  readonly displayName: string;
  /** Absent: the cache has none for the app registration. */
  readonly refreshToken?: string;
  /** The time at which the newest tokens were issued. Absent: unknown. */
  readonly obtainedAtMs?: number;
}

/** A cache that does not identify its owner. The message contains no part of the cache. */
export class MsalCacheError extends Error {
  override readonly name = "MsalCacheError";
}

type Entry = Readonly<Record<string, unknown>>;

/**
 * Reads the part of a cache that belongs to one person.
 *
 * @param objectId The person's `oid`.
 * @param clientId The app registration whose refresh token is wanted.
 * @throws {MsalCacheError}
 */
export function parseMsalCache(cache: string, objectId: string, clientId: string): CachedAccount {
  const sections = parseJson(cache);
  const account = entriesOf(sections, "Account").find((entry) =>
    entry.local_account_id === objectId
  );
  if (!account) throw new MsalCacheError("The token cache has no such account.");
  const { realm: tenantId, name, username, home_account_id: homeAccountId } = account;
  if (!isGuid(tenantId)) throw new MsalCacheError("The token cache names no tenant.");
  const owned = (section: string) =>
    entriesOf(sections, section).filter((entry) =>
      entry.home_account_id === homeAccountId && entry.client_id === clientId
    );
  return {
    identity: { tenantId, objectId },
    signInName: typeof username === "string" ? username : "",
    displayName: typeof name === "string" ? name : "",
    refreshToken: owned("RefreshToken").map(({ secret }) => secret).find(isToken),
    obtainedAtMs: newestMs(owned("AccessToken")),
  };
}

function parseJson(text: string): Entry {
  try {
    const value: unknown = JSON.parse(text);
    if (isEntry(value)) return value;
  } catch (error) {
    // The parser's message would quote the cache, which is secret.
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new MsalCacheError("The token cache is not in MSAL's format.");
}

function entriesOf(sections: Entry, name: string): readonly Entry[] {
  const section = sections[name];
  return isEntry(section) ? Object.values(section).filter(isEntry) : [];
}

/** `cached_at` is in seconds, as text. */
function newestMs(entries: readonly Entry[]): number | undefined {
  const times = entries.map(({ cached_at }) => Number(cached_at) * 1000).filter(Number.isFinite);
  return times.length > 0 ? Math.max(...times) : undefined;
}

function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isToken(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
