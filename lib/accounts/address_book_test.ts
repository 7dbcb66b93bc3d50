import assert from "node:assert/strict";
import { type Account, addressMatcher, type ClientInfo, LoginError } from "../../smtp/mod.ts";
import { type AddressedAppPassword, StoreError } from "../store/mod.ts";
import { StoredAddressBook } from "./address_book.ts";

function addressed(id: string, clientAddresses: string): AddressedAppPassword {
  const account = { id: `account of ${id}`, email: `${id}@example.com` };
  return { account, appPassword: { id }, clientAddresses } as AddressedAppPassword;
}

function openBook(stored: readonly AddressedAppPassword[]) {
  const state = { isAway: false, isTrusted: true, stored };
  const book = new StoredAddressBook({
    networks: addressMatcher(["192.168.0.0/16"]),
    appPasswords: {
      listAddressed: () =>
        state.isAway
          ? Promise.reject(new StoreError("unavailable", "away"))
          : Promise.resolve(state.stored),
    },
    admit: ({ account }) => Promise.resolve({ id: account.id } as Account),
    isTrusted: () => state.isTrusted,
  });
  const find = (address: string) => book.find({ address } as ClientInfo);
  return { state, book, find };
}

function defers(error: unknown): boolean {
  return error instanceof LoginError && error.failure === "temporary";
}

Deno.test("R4: addresses that were known stand for their app passwords while the database is away", async () => {
  const scanner = addressed("scanner", "192.168.1.40/32");
  const alarm = addressed("alarm", "192.168.1.41/32 192.168.2.0/28");
  const { state, book, find } = openBook([scanner, alarm]);
  state.isAway = true;
  await assert.rejects(find("192.168.1.40"), defers, "nothing was read yet");
  state.isAway = false;
  assert.equal(await find("192.168.1.99"), undefined);
  state.isAway = true;
  const found = await find("192.168.2.7");
  assert.equal(found?.username, "alarm@example.com");
  assert.equal((await found.authenticate()).id, "account of alarm");
  await assert.rejects(find("192.168.1.99"), defers, "it may have been added meanwhile");

  book.forget("account of alarm", "another");
  assert.ok(await find("192.168.1.41"));
  book.forget("account of alarm", "alarm");
  await assert.rejects(find("192.168.1.41"), defers);
  book.forget("account of scanner");
  await assert.rejects(find("192.168.1.40"), defers);
});

Deno.test("R4: addresses are known no longer than logins are", async () => {
  const { state, find } = openBook([addressed("scanner", "192.168.1.40/32")]);
  assert.ok(await find("192.168.1.40"));
  state.isAway = true;
  state.isTrusted = false;
  await assert.rejects(find("192.168.1.40"), defers);
});
