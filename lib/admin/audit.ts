/**
 * The audit trail: who did what to accounts, mailboxes and app passwords.
 *
 * @module
 */
import { type Clock, errorText } from "../base/mod.ts";
import { getLogger } from "../log/mod.ts";
import type { AccountRecord, AppPassword, AuditStore } from "../store/mod.ts";

/** The actor of commands on the machine itself. */
export const COMMAND_LINE = "the command line";
/** The actor who has used a one-time link of `admin link`. */
export const ONE_TIME_LINK = "a one-time link";

/** All actions in the audit trail, in the words of pages, commands and the log. */
export const AUDIT_ACTIONS = [
  "added an account",
  "imported an account",
  "deleted an account",
  "set a short user name",
  "added a mailbox",
  "updated a mailbox",
  "deleted a mailbox",
  "created an app password",
  "imported an app password",
  "renamed an app password",
  "changed the rules of an app password",
  "revoked an app password",
  "signed in",
  "was refused at the sign-in",
  "was not accepted as an administrator",
  "signed out",
  "signed out all browsers of an account",
  "entered the end of a client secret",
  "made an invitation",
  "revoked an invitation",
  "came by an invitation",
  "made a one-time link",
  "opened a session",
  "ended a session",
] as const;

/** An action in the audit trail. */
export type AuditAction = typeof AUDIT_ACTIONS[number];

const log = getLogger("audit");

/** Records actions in the database and in the log. */
export class Audit {
  readonly #store: Pick<AuditStore, "record">;
  readonly #clock: Pick<Clock, "now">;

  constructor(store: Pick<AuditStore, "record">, clock: Pick<Clock, "now">) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Records a completed action. A failure of the database is logged: the action cannot be undone any more.
   *
   * @param actor The address of an account, {@linkcode COMMAND_LINE} or {@linkcode ONE_TIME_LINK}.
   * @param subject The address of an account or mailbox, perhaps with the name of a device.
   */
  async record(actor: string, action: AuditAction, subject: string): Promise<void> {
    log.info(action, { actor, subject });
    const entry = { actor, action, subject };
    try {
      await this.#store.record({ atMs: this.#clock.now(), ...entry });
    } catch (error) {
      const problem = "an action is missing in the audit trail";
      log.error(problem, { ...entry, error: errorText(error) });
    }
  }
}

/** Returns the subject of an action on an app password. */
export function subjectOf(
  { email }: Pick<AccountRecord, "email">,
  { name }: Pick<AppPassword, "name">,
): string {
  return `“${name}” of ${email}`;
}
