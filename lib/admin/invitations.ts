/**
 * Invitations: links from an administrator, with which people can sign in.
 *
 * @module
 */
import { InputError } from "../accounts/mod.ts";
import { type Clock, DAY_MS } from "../base/mod.ts";
import type { InvitationUser } from "../sign_in/mod.ts";
import type { Invitation, InvitationStore } from "../store/mod.ts";
import { createToken, hashOf } from "./token.ts";

/** An invitation as entered. */
export interface InvitationChoice {
  /** The people it is for. */
  readonly name: string;
  /** The number of days for which it is valid. */
  readonly days: string;
  /** The number of people who can use it. Empty: any number. */
  readonly uses: string;
}

/** A new invitation, with the token of its link, which is shown once. */
export interface CreatedInvitation {
  readonly invitation: Invitation;
  readonly token: string;
}

const MAX_NAME_LENGTH = 64;
const MAX_DAYS = 90;
const MAX_USES = 1_000;

/** Creates, finds, uses and revokes invitations. */
export class Invitations implements InvitationUser {
  readonly #store: InvitationStore;
  readonly #clock: Pick<Clock, "now">;

  constructor(store: InvitationStore, clock: Pick<Clock, "now">) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Creates an invitation. @throws {InputError} Also if one with this name exists, so that a form sent twice creates one. */
  async create({ name: entered, days, uses }: InvitationChoice): Promise<CreatedInvitation> {
    const name = parseName(entered);
    const createdAtMs = this.#clock.now();
    const lifetimeMs = parseNumber("invitation-days", days, MAX_DAYS) * DAY_MS;
    const invitation = {
      id: crypto.randomUUID(),
      name,
      createdAtMs,
      expiresAtMs: createdAtMs + lifetimeMs,
      usesLeft: uses.trim() === "" ? undefined : parseNumber("invitation-uses", uses, MAX_USES),
    };
    const others = await this.list();
    if (others.some((other) => other.name.toLowerCase() === name.toLowerCase())) {
      throw new InputError("invitation-name", `There is an invitation for “${name}” already.`);
    }
    const token = createToken();
    await this.#store.add({ ...invitation, hash: hashOf(token)! });
    return { invitation, token };
  }

  /** Returns valid invitations, oldest first. */
  list(): Promise<readonly Invitation[]> {
    return this.#store.list(this.#clock.now());
  }

  /** Whether the invitation of a link is valid now. */
  async isOpen(token: string): Promise<boolean> {
    const hash = hashOf(token);
    return hash !== undefined && await this.#store.find(hash, this.#clock.now()) !== undefined;
  }

  /** Uses an invitation. Returns its name; `undefined` if it is not valid. */
  async use(token: string): Promise<string | undefined> {
    const hash = hashOf(token);
    return hash && (await this.#store.use(hash, this.#clock.now()))?.name;
  }

  /** Revokes an invitation; false if there is none. Accounts that have used it stay. */
  revoke(id: string): Promise<boolean> {
    return this.#store.delete(id);
  }
}

function parseName(entered: string): string {
  const name = entered.trim();
  if (name !== "" && name.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(name)) return name;
  throw new InputError(
    "invitation-name",
    `Say for whom the invitation is, in 1 to ${MAX_NAME_LENGTH} characters.`,
  );
}

function parseNumber(
  field: "invitation-days" | "invitation-uses",
  entered: string,
  most: number,
): number {
  const text = entered.trim();
  const number = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= most) return number;
  throw new InputError(field, `Enter a whole number from 1 to ${most}.`);
}
