/**
 * The person that an id_token describes.
 *
 * @module
 */
import type { AccountKind } from "../explain/mod.ts";
import { incompleteAnswer, untrustedResponse } from "./errors.ts";
import { accountKind, isGuid } from "./issuer.ts";

/**
 * Somebody who has signed in. The key is (tenant, object): addresses change, and outside of `consumers` they prove nothing.
 * Addresses and names are a stranger's text.
 */
export interface MicrosoftIdentity {
  /** Claim `tid`. */
  readonly tenantId: string;
  /** Claim `oid`. */
  readonly objectId: string;
  readonly kind: AccountKind;
  /** The user principal name, which the submission server knows the account by: claim `preferred_username`, else the address. */
  readonly signInName: string;
  /** Whether there is a claim `preferred_username`. */
  readonly signInNameConfirmed: boolean;
  /** The mailbox's address, which is the sender: claim `email`, else `preferred_username`. */
  readonly email: string;
  /**
   * Whether the address is proven: always for personal accounts and for the one organisation that the operator has chosen;
   * for other work accounts, it depends on claim `xms_edov`.
   */
  readonly emailVerified: boolean;
  /** Claim `name`; may be empty. */
  readonly displayName: string;
}

/** The names of an account that an id_token confirms; absent: not told. */
export interface ConfirmedNames
  extends
    Pick<MicrosoftIdentity, "tenantId" | "objectId">,
    Partial<Pick<MicrosoftIdentity, "signInName" | "email" | "emailVerified">> {}

/** Claims of a verified id_token. */
export type Claims = Readonly<Record<string, unknown>>;

/** Printable, with one `@`, not longer than a path may be (RFC 5321 section 4.5.3.1.3). */
const ADDRESS = /^[^\s@\p{C}]{1,64}@[^\s@\p{C}]{1,189}$/u;
const MAX_NAME_LENGTH = 200;
/** Values of the optional claim `xms_edov` that mean "the e-mail domain's owner is verified". */
const VERIFIED: readonly unknown[] = [true, "true", 1, "1"];

/**
 * Reads the identity from verified claims.
 *
 * @param isTrusted Whether the operator has chosen the account's organisation, and so trusts its addresses.
 * @throws {MicrosoftError} `registration` when a claim is missing; `untrusted` when an id is none.
 */
export function identityOf(claims: Claims, isTrusted: boolean): MicrosoftIdentity {
  const { tid, oid, email, preferred_username: username, name } = claims;
  if (oid === undefined) throw incompleteAnswer("no_object_id", "object id", "profile");
  if (!isGuid(tid) || !isGuid(oid)) {
    throw untrustedResponse("The token does not say whose it is (claims tid and oid).");
  }
  const address = [email, username].find(isAddress);
  if (address === undefined) {
    throw incompleteAnswer("no_address", "e-mail address", "email and profile");
  }
  const kind = accountKind({ tenantId: tid });
  return {
    tenantId: tid,
    objectId: oid,
    kind,
    signInName: isAddress(username) ? username : address,
    signInNameConfirmed: isAddress(username),
    email: address,
    emailVerified: isTrusted || kind === "personal" || (address === email && isVerified(claims)),
    displayName: typeof name === "string" ? name.slice(0, MAX_NAME_LENGTH) : "",
  };
}

/**
 * Reads the names of an account from verified claims that are only a by-product, such as those of a refresh.
 *
 * @param isTrusted See {@linkcode identityOf}.
 * @returns `undefined` when the claims do not tell whose they are.
 */
export function confirmedNames(claims: Claims, isTrusted: boolean): ConfirmedNames | undefined {
  const { tid, oid, email, preferred_username: username } = claims;
  if (!isGuid(tid) || !isGuid(oid)) return undefined;
  const isProven = isTrusted || accountKind({ tenantId: tid }) === "personal" || isVerified(claims);
  return {
    tenantId: tid,
    objectId: oid,
    ...(isAddress(username) && { signInName: username }),
    ...(isAddress(email) && { email, emailVerified: isProven }),
  };
}

function isVerified({ xms_edov: verified }: Claims): boolean {
  return VERIFIED.includes(verified);
}

function isAddress(claim: unknown): claim is string {
  return typeof claim === "string" && ADDRESS.test(claim);
}
