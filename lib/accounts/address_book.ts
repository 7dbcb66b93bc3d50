/**
 * The app passwords that client addresses stand for.
 *
 * @module
 */
import {
  type Account,
  type AddressBook,
  type AddressLogin,
  type AddressMatcher,
  addressMatcher,
  type ClientInfo,
  isWithin,
} from "../../smtp/mod.ts";
import {
  type AddressedAppPassword,
  type AppPasswordStore,
  type FoundAppPassword,
  StoreError,
} from "../store/mod.ts";
import { InputError } from "./input.ts";
import { databaseUnavailable } from "./password_lookup.ts";

/** Checks an app password and its owner as a login does, and records the use. @throws {LoginError} */
export type Admission = (
  found: Omit<FoundAppPassword, "hash">,
  client: ClientInfo,
) => Promise<Account>;

/** Dependencies of {@linkcode StoredAddressBook}. */
export interface AddressBookOptions {
  /** `SMTP_LOGIN_BY_ADDRESS`: an address outside of them stands for no login, whatever is stored. */
  readonly networks: AddressMatcher;
  readonly appPasswords: Pick<AppPasswordStore, "listAddressed">;
  readonly admit: Admission;
  /** Whether the list that was read last may be used while the database is away. */
  isTrusted(): boolean;
}

/** Finds app passwords by the client's address. There are so few that each search looks at all of them. */
export class StoredAddressBook implements AddressBook {
  readonly #options: AddressBookOptions;
  /** As it was last read, without what was revoked since. */
  #known: readonly AddressedAppPassword[] = [];

  constructor(options: AddressBookOptions) {
    this.#options = options;
  }

  /** The networks, in CIDR notation. */
  get networks(): readonly string[] {
    return this.#options.networks.ranges;
  }

  permits(address: string): boolean {
    return this.#options.networks.includes(address);
  }

  async find(client: ClientInfo): Promise<AddressLogin | undefined> {
    if (!this.permits(client.address)) return undefined;
    const found = await this.#read(client.address);
    const { admit } = this.#options;
    return found && { username: found.account.email, authenticate: () => admit(found, client) };
  }

  /** Forgets an account, or only one of its app passwords. */
  forget(accountId: string, appPasswordId?: string): void {
    this.#known = this.#known.filter(({ account, appPassword }) =>
      account.id !== accountId || (appPasswordId ?? appPassword.id) !== appPassword.id
    );
  }

  /**
   * Refuses addresses that overlap those of another app password.
   *
   * @param ownId The app password that they are for; absent: it is new.
   * @throws {InputError}
   * @throws {StoreError}
   */
  async checkFree(clientAddresses: string, ownId?: string): Promise<void> {
    const wanted = clientAddresses.split(" ");
    const all = await this.#options.appPasswords.listAddressed();
    const others = all.filter(({ appPassword }) => appPassword.id !== ownId);
    for (const { clientAddresses: named, account } of others) {
      const ranges = named.split(" ");
      const taken = wanted.find((range) =>
        isWithin(range, ranges) || ranges.some((other) => isWithin(other, [range]))
      );
      if (taken === undefined) continue;
      throw new InputError(
        "client-addresses",
        `${taken} overlaps the addresses of another app password, of ${account.email}. ` +
          "An address can stand for one app password only.",
      );
    }
  }

  /** While the database fails, addresses that were known are still known, for a while. */
  async #read(address: string): Promise<AddressedAppPassword | undefined> {
    try {
      this.#known = await this.#options.appPasswords.listAddressed();
      return this.#find(address);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const known = this.#options.isTrusted() ? this.#find(address) : undefined;
      if (!known) throw databaseUnavailable(error);
      return known;
    }
  }

  #find(address: string): AddressedAppPassword | undefined {
    return this.#known.find(({ clientAddresses }) =>
      addressMatcher(clientAddresses.split(" ")).includes(address)
    );
  }
}
