/**
 * App-only mailboxes: nobody signs in to them, the organisation's app registration sends for them.
 *
 * @module
 */
import type { Account, Dialer } from "../../smtp/mod.ts";
import type { Clock } from "../base/mod.ts";
import { getLogger } from "../log/mod.ts";
import {
  type Microsoft,
  readApplicationClaims,
  type RegistrationStatus,
} from "../microsoft/mod.ts";
import type { ExchangeApplication } from "../setup/mod.ts";
import { explainNotAllowed, NotAllowedError, type SignUpPolicy } from "../sign_in/mod.ts";
import type { AccountRecord, AccountStore, SignedInAccount } from "../store/mod.ts";
import type { Tokens } from "../tokens/mod.ts";
import type { Accounts } from "./accounts.ts";
import { InputError, parseAddress, parseDisplayName, PATTERN } from "./input.ts";
import { type MailboxProof, proveMailbox } from "./mailbox_proof.ts";
import { refusalReason } from "./account_state.ts";

/** Dependencies of {@linkcode Mailboxes}. */
export interface MailboxesOptions {
  readonly store: { readonly accounts: Pick<AccountStore, "addMailbox" | "refuse" | "accept"> };
  readonly microsoft: Pick<Microsoft, "registrations" | "tenantIdOf" | "applicationToken">;
  readonly accounts: Pick<Accounts, "smtpAccount">;
  readonly tokens: Pick<Tokens, "accessToken">;
  readonly signUpPolicy: Pick<SignUpPolicy, "refusal">;
  readonly clock: Clock;
  /** Our name in EHLO, for proofs. */
  readonly greetingName: string;
}

/** A mailbox as an administrator enters it. */
export interface EnteredMailbox {
  readonly address: string;
  /** Absent or empty: none. */
  readonly displayName?: string;
  /** The application id of the registration that sends for it. Absent: the only one that can. */
  readonly clientId?: string;
}

/** How a proof is done. */
export interface ProofChoice {
  readonly dialer: Dialer;
  /** Where a message is sent to as well: an address in the mailbox's domain. Absent: none is sent. */
  readonly recipient?: string;
}

const log = getLogger("accounts");

/** Adds and proves mailboxes. In everything else they are accounts. */
export class Mailboxes {
  readonly #options: MailboxesOptions;

  constructor(options: MailboxesOptions) {
    this.#options = options;
  }

  /** Returns the app registrations that can send for mailboxes. */
  registrations(): readonly RegistrationStatus[] {
    return this.#options.microsoft.registrations().filter(({ sendsForMailboxes }) =>
      sendsForMailboxes
    );
  }

  /**
   * Adds a mailbox, or updates the name and the registration of a known one.
   *
   * @throws {InputError}
   * @throws {NotAllowedError} when the account filters do not allow it.
   * @throws {MicrosoftError} when the organisation has to be looked up, and is not found.
   */
  async add(entered: EnteredMailbox): Promise<SignedInAccount> {
    const { store, microsoft, signUpPolicy, clock } = this.#options;
    const email = parseAddress(entered.address);
    const displayName = parseDisplayName(entered.displayName ?? "");
    const clientId = this.#choose(entered.clientId, domainOf(email));
    const tenantId = await microsoft.tenantIdOf(clientId);
    const identity = { tenantId, objectId: email.toLowerCase() };
    const refusal = signUpPolicy.refusal({ ...identity, email, emailVerified: true });
    if (refusal) throw new NotAllowedError(email, explainNotAllowed(email, refusal));
    const atMs = clock.now();
    const added = await store.accounts.addMailbox({
      ...identity,
      email,
      displayName,
      clientId,
      atMs,
    });
    const { account: { id }, created } = added;
    log.info("mailbox added", { account: id, created, mailbox: email, tenant: tenantId, clientId });
    return added;
  }

  /**
   * Signs in upstream as a mailbox, and stores the result in its state.
   *
   * @throws {InputError}
   * @throws {StoreError}
   */
  async prove(record: AccountRecord, { dialer, recipient }: ProofChoice): Promise<MailboxProof> {
    const { store, accounts, tokens, clock, greetingName } = this.#options;
    const account: Account = accounts.smtpAccount(record);
    const to = recipient === undefined ? undefined : proofRecipient(recipient, record.email);
    const proof = await proveMailbox(account, { tokens, dialer, clock, greetingName }, to);
    const { verdict, reply } = proof;
    if (verdict === "good") await store.accounts.accept(record.id, clock.now());
    else if (verdict === "bad" && reply) {
      await store.accounts.refuse(record.id, refusalReason(reply), clock.now());
    }
    return proof;
  }

  /**
   * Returns an app registration as Exchange Online knows it, for the lines that administrators paste.
   *
   * @param clientId Absent: the only one that can send for mailboxes.
   * @throws {InputError} when there is none, or none was chosen.
   * @throws {MicrosoftError} when Microsoft does not give it a token.
   */
  async application(clientId?: string): Promise<ExchangeApplication> {
    const chosen = this.#choose(clientId);
    const { accessToken } = await this.#options.microsoft.applicationToken(chosen);
    const { servicePrincipalId } = readApplicationClaims(accessToken) ?? {};
    return { clientId: chosen, servicePrincipalId };
  }

  /** @param domain That of a mailbox, which may tell its organisation. */
  #choose(wanted = "", domain?: string): string {
    const all = this.registrations();
    if (wanted !== "") {
      if (all.some(({ clientId }) => clientId === wanted)) return wanted;
      throw new InputError(
        "registration",
        `${wanted} is not an app registration of a single organisation.`,
      );
    }
    const [only, ...others] = all.filter(({ tenant }) => all.length === 1 || tenant === domain);
    if (only && others.length === 0) return only.clientId;
    throw new InputError("registration", all.length === 0 ? NO_REGISTRATION : CHOOSE);
  }
}

/** A test message stays within the organisation. An empty recipient is the mailbox itself. @throws {InputError} */
function proofRecipient(entered: string, mailbox: string): string {
  if (entered.trim() === "") return mailbox;
  const address = entered.trim();
  if (PATTERN.test(address) && !address.includes("*") && domainOf(address) === domainOf(mailbox)) {
    return address;
  }
  throw new InputError(
    "recipient",
    `Enter an address in the domain ${domainOf(mailbox)}, or nothing for the mailbox itself.`,
  );
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}

const NO_REGISTRATION =
  "No app registration can send for mailboxes. Write one as application-id@tenant-id in APP_SECRETS or APP_CERT_FILES, " +
  "or set MICROSOFT_TENANT to the organisation's tenant ID.";
const CHOOSE = "Several app registrations can send for mailboxes. Choose that of the organisation.";
