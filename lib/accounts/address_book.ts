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
  LoginError,
} from "../../smtp/mod.ts";
import {
  type AddressedAppPassword,
  type AppPasswordStore,
  type FoundAppPassword,
  StoreError,
} from "../store/mod.ts";
import { InputError } from "./input.ts";

/** Checks an app password and its owner as a login does, and records the use. @throws {LoginError} */
export type Admission = (
  found: Omit<FoundAppPassword, "hash">,
  client: ClientInfo,
) => Promise<Account>;

/** Finds app passwords by the client's address. There are few such, so all of them are looked at. */
export class StoredAddressBook implements AddressBook {
  readonly #networks: AddressMatcher;
  readonly #appPasswords: Pick<AppPasswordStore, "listAddressed">;
  readonly #admit: Admission;

  /** @param networks `SMTP_LOGIN_BY_ADDRESS`: an address outside of them stands for nothing, whatever is stored. */
  constructor(
    networks: AddressMatcher,
    appPasswords: Pick<AppPasswordStore, "listAddressed">,
    admit: Admission,
  ) {
    this.#networks = networks;
    this.#appPasswords = appPasswords;
    this.#admit = admit;
  }

  /** The networks, in CIDR notation. */
  get networks(): readonly string[] {
    return this.#networks.ranges;
  }

  permits(address: string): boolean {
    return this.#networks.includes(address);
  }

  async find(client: ClientInfo): Promise<AddressLogin | undefined> {
    if (!this.permits(client.address)) return undefined;
    const found = (await this.#read()).find(({ clientAddresses }) =>
      addressMatcher(clientAddresses.split(" ")).includes(client.address)
    );
    return found &&
      { username: found.account.email, authenticate: () => this.#admit(found, client) };
  }

  /**
   * Refuses addresses of which another app password names one.
   *
   * @param ownId The app password that they are for; absent: it is new.
   * @throws {InputError}
   * @throws {StoreError}
   */
  async checkFree(clientAddresses: string, ownId?: string): Promise<void> {
    const wanted = clientAddresses.split(" ");
    const all = await this.#appPasswords.listAddressed();
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

  async #read(): Promise<readonly AddressedAppPassword[]> {
    try {
      return await this.#appPasswords.listAddressed();
    } catch (cause) {
      if (!(cause instanceof StoreError)) throw cause;
      const text = "The account database is not available at the moment; try again later";
      throw new LoginError("temporary", text, { cause });
    }
  }
}
