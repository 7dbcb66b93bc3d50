/**
 * Decides which mailbox a token opens.
 *
 * @module
 */
import { type Directory, isSame, type Mailbox, mailboxOf } from "../directory.ts";
import type { Person } from "../people.ts";
import type { Subject } from "../troubles/troubles.ts";

/** A person or an application that an access token was issued to. */
export type TokenHolder =
  | { readonly kind: "person"; readonly person: Person }
  /** An application without a person, in one organisation. */
  | {
    readonly kind: "application";
    readonly applicationId: string;
    readonly tenantId: string;
    /** Whether the organisation has consented to the permission `SMTP.SendAsApp`. */
    readonly maySend: boolean;
  };

/** A successful sign-in to the submission server. */
export interface SignedIn {
  readonly mailbox: Mailbox;
  /** The user name for XOAUTH2. */
  readonly username: string;
  /** Absent: the mailbox's owner has signed in. */
  readonly applicationId?: string;
}

/**
 * Returns the sign-in for the user name and the token of XOAUTH2; `undefined` if it is refused.
 *
 * A person's token opens the person's own mailbox, with the sign-in name only. An application's token opens the mailboxes of its
 * organisation, if Exchange knows the application. Its rights on them are checked later.
 */
export function admit(
  directory: Directory,
  username: string,
  holder: TokenHolder | undefined,
): SignedIn | undefined {
  if (!holder) return undefined;
  if (holder.kind === "person") {
    const { person } = holder;
    return isSame(person.signInName, username)
      ? { mailbox: mailboxOf(person), username }
      : undefined;
  }
  const { applicationId, tenantId, maySend } = holder;
  const mailbox = directory.findMailbox(username);
  const names = [mailbox?.address, mailbox?.owner?.signInName];
  const isNamed = names.some((name) => name !== undefined && isSame(name, username));
  if (!mailbox || !isNamed || mailbox.tenantId !== tenantId || !maySend) return undefined;
  const isKnown = directory.has({
    kind: "ServicePrincipal",
    trustee: applicationId,
    tenant: tenantId,
  });
  return isKnown ? { mailbox, username, applicationId } : undefined;
}

/** Whether a sign-in may use the mailbox. An application needs a right for it. */
export function mayOpen(directory: Directory, { mailbox, applicationId }: SignedIn): boolean {
  if (applicationId === undefined) return true;
  return directory.has({ kind: "FullAccess", trustee: applicationId, mailbox: mailbox.address });
}

/** Returns the subject for looking up troubles. */
export function subjectOf({ mailbox, applicationId }: SignedIn): Subject {
  return { objectId: mailbox.objectId, tenantId: mailbox.tenantId, applicationId };
}
