/**
 * The people, mailboxes and rights of the simulated Microsoft.
 *
 * @module
 */
import { type Clock, systemClock } from "../../lib/base/mod.ts";
import {
  fixedTenantId,
  identifier,
  type Organisation,
  type Person,
  person,
  PERSONAL_TENANT_ID,
  SIMULATED_ORGANISATIONS,
  SIMULATED_PEOPLE,
  tenantIdOf,
} from "./people.ts";

/** A mailbox. */
export interface Mailbox {
  readonly name: string;
  readonly tenantId: string;
  readonly objectId: string;
  /** The primary address. */
  readonly address: string;
  readonly aliases: readonly string[];
  /** The person who signs in to it; absent: it is a shared mailbox, and nobody can. */
  readonly owner?: Person;
}

/** A right in Exchange Online. Whoever gets it is named by an address, or by an application's id. */
export type Right =
  /** To write the mailbox's addresses into MAIL FROM and From: `Add-RecipientPermission`. */
  | { readonly kind: "SendAs"; readonly trustee: string; readonly mailbox: string }
  /** For an application, to open the mailbox: `Add-MailboxPermission`. */
  | { readonly kind: "FullAccess"; readonly trustee: string; readonly mailbox: string }
  /** For an application, to be known in an organisation at all: `New-ServicePrincipal`. */
  | { readonly kind: "ServicePrincipal"; readonly trustee: string; readonly tenant: string };

/** Settings of a {@linkcode Directory}. */
interface DirectoryOptions {
  readonly people?: readonly Person[];
  readonly sharedMailboxes?: readonly Mailbox[];
  readonly rights?: readonly Right[];
  readonly clock?: Clock;
}

/** Shared mailboxes that are there at the start. */
const SHARED_MAILBOXES: readonly Mailbox[] = [
  sharedMailbox("sales@contoso.example", "Contoso Sales"),
  sharedMailbox("scanner@contoso.example", "Contoso Scanner"),
  sharedMailbox("alarm@fabrikam.example", "Fabrikam Alarm System"),
];

const RIGHTS: readonly Right[] = [
  { kind: "SendAs", trustee: "mira.novak@contoso.example", mailbox: "sales@contoso.example" },
];

/** People, mailboxes and rights; a new name makes a new account. */
export class Directory {
  readonly #clock: Clock;
  /** By object id. */
  readonly #people: Map<string, Person>;
  /** By object id. */
  readonly #sharedMailboxes: Map<string, Mailbox>;
  /** From when on each right works, milliseconds since 1970. */
  readonly #rights = new Map<string, number>();

  constructor(options: DirectoryOptions = {}) {
    const {
      people = SIMULATED_PEOPLE,
      sharedMailboxes = SHARED_MAILBOXES,
      rights = RIGHTS,
      clock = systemClock,
    } = options;
    this.#clock = clock;
    this.#people = new Map(people.map((one) => [one.objectId, one]));
    this.#sharedMailboxes = new Map(sharedMailboxes.map((one) => [one.objectId, one]));
    for (const right of rights) this.grant(right);
  }

  get people(): readonly Person[] {
    return [...this.#people.values()];
  }

  get mailboxes(): readonly Mailbox[] {
    return [...this.people.map(mailboxOf), ...this.#sharedMailboxes.values()];
  }

  /** The organisations whose accounts exist. */
  get organisations(): readonly Organisation[] {
    const known = SIMULATED_ORGANISATIONS.map(({ tenantId }) => tenantId);
    const others = this.people.filter(({ tenantId }) =>
      tenantId !== PERSONAL_TENANT_ID && !known.includes(tenantId)
    );
    const domains = new Set(others.map(({ signInName }) => signInName.split("@")[1]!));
    const made = [...domains].map((domain) => ({
      name: domain,
      tenantId: tenantIdOf(domain),
      domains: [domain],
    }));
    return [...SIMULATED_ORGANISATIONS, ...made];
  }

  /** Whether a tenant of a request's path exists; domains always do. */
  hasTenant(tenant: string): boolean {
    const id = fixedTenantId(tenant);
    if (id === undefined || tenant.includes(".") || id === PERSONAL_TENANT_ID) return true;
    return this.organisations.some(({ tenantId }) => tenantId === id);
  }

  /** Adds someone, or replaces them. */
  addPerson(added: Person): void {
    this.#people.set(added.objectId, added);
  }

  /** Adds a mailbox that nobody signs in to. */
  addSharedMailbox(address: string, name?: string): Mailbox {
    const added = sharedMailbox(address, name);
    this.#sharedMailboxes.set(added.objectId, added);
    return added;
  }

  /** The person with an object id. */
  personWithId(objectId: string): Person | undefined {
    return this.#people.get(objectId);
  }

  /** The person with a sign-in name, a mail address or an alias. */
  findPerson(name: string): Person | undefined {
    return this.people.find(({ signInName }) => isSame(signInName, name)) ??
      this.people.find((one) => addressesOf(mailboxOf(one)).some((own) => isSame(own, name)));
  }

  /** The same; an unknown name makes a new person. */
  findOrCreatePerson(name: string): Person {
    const found = this.findPerson(name) ?? person(name);
    this.addPerson(found);
    return found;
  }

  /** The mailbox with an address, an alias, or whose owner signs in with that name. */
  findMailbox(name: string): Mailbox | undefined {
    const owner = this.findPerson(name);
    if (owner) return mailboxOf(owner);
    return this.#sharedMailboxes.values().find((one) =>
      addressesOf(one).some((own) => isSame(own, name))
    );
  }

  /**
   * Grants a right.
   *
   * @param spreadsMs How long it takes until the right works everywhere; Microsoft needs 15 to 60 minutes.
   * @throws when the mailbox does not exist.
   */
  grant(right: Right, spreadsMs = 0): void {
    this.#rights.set(this.#key(right), this.#clock.now() + spreadsMs);
  }

  /** Takes a right away, at once. */
  revoke(right: Right): void {
    this.#rights.delete(this.#key(right));
  }

  /** Whether a right is granted and works by now. */
  has(right: Right): boolean {
    return (this.#rights.get(this.#key(right)) ?? Infinity) <= this.#clock.now();
  }

  /**
   * Whether an address may be in MAIL FROM or From.
   *
   * @param mailbox Where the message is submitted.
   * @param trustee The application that submits it; absent: the mailbox's owner.
   */
  maySendAs(mailbox: Mailbox, address: string, trustee = mailbox.address): boolean {
    if (addressesOf(mailbox).some((own) => isSame(own, address))) return true;
    const other = this.findMailbox(address);
    if (!other || !addressesOf(other).some((one) => isSame(one, address))) return false;
    return this.has({ kind: "SendAs", trustee, mailbox: other.address });
  }

  #key(right: Right): string {
    const target = right.kind === "ServicePrincipal"
      ? fixedTenantId(right.tenant)
      : this.#existing(right.mailbox).objectId;
    const trustee = this.findMailbox(right.trustee)?.objectId ?? right.trustee.toLowerCase();
    return [right.kind, trustee, target].join(" ");
  }

  #existing(name: string): Mailbox {
    const mailbox = this.findMailbox(name);
    if (!mailbox) throw new Error(`There is no mailbox ${name}: add it to the directory first.`);
    return mailbox;
  }
}

/** The mailbox of a person. */
export function mailboxOf(owner: Person): Mailbox {
  const { name, tenantId, objectId, address, aliases } = owner;
  return { name, tenantId, objectId, address, aliases, owner };
}

/** The names that someone can sign in with: for a work account the UPN alone, for a personal one every address. */
export function signInNamesOf(
  { signInName, address, aliases, tenantId }: Person,
): readonly string[] {
  return tenantId === PERSONAL_TENANT_ID ? [signInName, address, ...aliases] : [signInName];
}

/** Every address that belongs to a mailbox. */
function addressesOf({ address, aliases }: Mailbox): readonly string[] {
  return [address, ...aliases];
}

/** Names and addresses are compared like Microsoft does: without regard to case. */
export function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function sharedMailbox(address: string, name = address): Mailbox {
  const objectId = identifier(`mailbox ${address.toLowerCase()}`);
  return { name, tenantId: tenantIdOf(address), objectId, address, aliases: [] };
}
