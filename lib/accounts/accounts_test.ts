import assert from "node:assert/strict";
import { addressMatcher, LoginError } from "../../smtp/mod.ts";
import type { LoginFailure } from "../../smtp/protocol/failure.ts";
import type { Accounts } from "./accounts.ts";
import { InputError } from "./input.ts";
import { SECRET, withAccounts } from "./testing.ts";
import { Secrets } from "../crypto/secrets.ts";
import { configureLogging } from "../log/log.ts";
import type { SignUpRefusal } from "../sign_in/mod.ts";
import type { Revocation } from "../store/store.ts";
import { START_MS } from "../store/testing.ts";

const CLIENT = { sessionId: "s1", address: "192.0.2.7", secure: true, helo: "printer" };
const WORK_TENANT = "22222222-2222-4222-8222-222222222222";

function login(accounts: Accounts, username: string, password: string) {
  return accounts.authenticate({ username, password }, CLIENT);
}

/** Returns the failure of a login, as the client sees it. */
async function failureOf(attempt: Promise<unknown>): Promise<[LoginFailure, string]> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof LoginError) return [error.failure, error.reply.text];
    throw error;
  }
  throw new assert.AssertionError({ message: "the login worked" });
}

function isInputError(field: string) {
  return (error: unknown) => error instanceof InputError && error.field === field;
}

Deno.test("authenticate() finds the account by any of its names, in any case, with white space around", () =>
  withAccounts(async ({ accounts, signIn }) => {
    const account = await signIn({ signInName: "U4711@Corp.example" });
    await accounts.setShortName(account.id, " Scan ");
    const choice = { name: "printer", allowedSender: "*@Example.com" };
    const { appPassword, password } = await accounts.createAppPassword(account.id, choice);
    const names = ["anna@example.com", "ANNA@Example.COM", "u4711@corp.example", "scan", "SCAN"];
    for (const username of [...names, " scan\r\n", "\tanna@example.com\u00a0"]) {
      assert.deepEqual(await login(accounts, username, password), {
        id: account.id,
        mailbox: "anna@example.com",
        signInName: "U4711@Corp.example",
        otherName: undefined,
        target: { host: "smtp-mail.outlook.com", port: 587, tls: "starttls" },
        kind: "personal",
        application: undefined,
        appPasswordId: appPassword.id,
        allowedSender: "*@example.com",
        forcedSender: false,
        allowedRecipients: undefined,
        dailyLimit: undefined,
        refused: false,
      });
    }
  }));

const SCANNER = { ...CLIENT, address: "192.168.1.40" };
const LAN = { loginNetworks: addressMatcher(["192.168.0.0/16"]) };

Deno.test("addressBook finds the app password that an address stands for, as if it had logged in", () =>
  withAccounts(async ({ open, store, signIn }) => {
    const accounts = await open(LAN);
    const { id } = await signIn();
    const choice = {
      name: "scanner",
      allowedRecipients: "example.com",
      dailyLimit: "20",
      clientAddresses: "192.168.1.40, 192.168.2.0/28",
    };
    const { appPassword, password } = await accounts.createAppPassword(id, choice);
    const { addressBook } = accounts;
    for (const address of ["192.168.1.40", "::ffff:192.168.1.40", "192.168.2.15"]) {
      const found = await addressBook.find({ ...SCANNER, address });
      assert.equal(found?.username, "anna@example.com");
      const account = await found.authenticate();
      assert.deepEqual(account, await login(accounts, "anna@example.com", password));
      assert.equal(account.appPasswordId, appPassword.id);
      assert.deepEqual(account.allowedRecipients, ["*@example.com"]);
      assert.equal(account.dailyLimit, 20);
    }
    await (await addressBook.find(SCANNER))!.authenticate();
    await store.flush();
    const [used] = await store.appPasswords.list(id);
    assert.equal(used!.lastUsedAddress, "192.168.1.40");
    for (const address of ["192.168.1.41", "192.168.2.16", "192.0.2.1"]) {
      assert.equal(await addressBook.find({ ...SCANNER, address }), undefined, address);
    }
    assert.equal(addressBook.permits("192.168.1.41"), true);
    assert.equal(addressBook.permits("192.0.2.1"), false);
    const withoutSetting = await open();
    assert.equal(await withoutSetting.addressBook.find(SCANNER), undefined);
    await accounts.revokeAppPassword(id, appPassword.id);
    assert.equal(await addressBook.find(SCANNER), undefined);
  }));

Deno.test("addressBook refuses a login as AUTH does", () =>
  withAccounts(async ({ open, store, signIn }) => {
    let refusal: SignUpRefusal | undefined = undefined;
    const accounts = await open({ ...LAN, signUpPolicy: { refusal: () => refusal } });
    const { id } = await signIn();
    const choice = { name: "scanner", clientAddresses: "192.168.1.40" };
    await accounts.createAppPassword(id, choice);
    const failure = async () =>
      (await failureOf((await accounts.addressBook.find(SCANNER))!.authenticate()))[0];
    refusal = { setting: "ALLOWED_EMAILS_LIST", entry: "anna@example.com" };
    assert.equal(await failure(), "refused");
    refusal = undefined;
    await store.tokens.requireSignIn(id, { version: 1, reason: "AADSTS70008", atMs: START_MS });
    assert.equal(await failure(), "sign-in-required");
  }));

Deno.test("createAppPassword() refuses an address that stands for another app password", () =>
  withAccounts(async ({ open, signIn }) => {
    const accounts = await open(LAN);
    const { id } = await signIn();
    const create = (clientAddresses: string) =>
      accounts.createAppPassword(id, { name: "scanner", clientAddresses });
    const { appPassword } = await create("192.168.1.40, 192.168.2.0/28");
    for (
      const taken of ["192.168.1.40", "192.168.0.0/16", "192.168.2.7", "192.168.9.9,192.168.1.40"]
    ) {
      await assert.rejects(create(taken), isInputError("client-addresses"), taken);
    }
    await create("192.168.1.41");
    await accounts.revokeAppPassword(id, appPassword.id);
    await create("192.168.1.40");
  }));

Deno.test("authenticate() refuses an account that the account filters do not allow any more", () =>
  withAccounts(async ({ open, signIn }) => {
    let refusal: SignUpRefusal | undefined = undefined;
    const accounts = await open({ signUpPolicy: { refusal: () => refusal } });
    const { id } = await signIn();
    const { password } = await accounts.createAppPassword(id, { name: "printer" });
    await login(accounts, "anna@example.com", password);
    const heard: Revocation[] = [];
    accounts.onRevoked((revocation) => heard.push(revocation));
    await accounts.enforcePolicy();
    assert.deepEqual(heard, []);
    refusal = { setting: "ALLOWED_EMAILS_LIST", entry: "anna@example.com" };
    await accounts.enforcePolicy();
    assert.deepEqual(heard.map(({ accountId }) => accountId), [id]);
    assert.deepEqual(await failureOf(login(accounts, "anna@example.com", password)), [
      "refused",
      "The operator of this proxy does not allow this account any more",
    ]);
    assert.equal((await failureOf(login(accounts, "other", password)))[0], "invalid");
  }));

Deno.test("authenticate() names the address as another name while the sign-in name is not confirmed", () =>
  withAccounts(async ({ accounts, store, signIn }) => {
    const unconfirmed = { signInName: "u4711@corp.example", signInNameConfirmed: false };
    const { id } = await signIn(unconfirmed);
    const { password } = await accounts.createAppPassword(id, { name: "printer" });
    const otherName = async () => (await login(accounts, "anna@example.com", password)).otherName;
    assert.equal(await otherName(), "anna@example.com");
    await store.accounts.confirmSignInName(id, "u4711@corp.example");
    assert.equal(await otherName(), undefined);
    await signIn({ signInName: "ANNA@example.com", signInNameConfirmed: false });
    assert.equal(await otherName(), undefined);
  }));

Deno.test("authenticate() takes an app password as people type it", () =>
  withAccounts(async ({ accounts, signIn }) => {
    const { id } = await signIn();
    const { password } = await accounts.createAppPassword(id, { name: "printer" });
    for (const typed of [password.toUpperCase(), password.replaceAll("-", " ")]) {
      assert.equal((await login(accounts, "anna@example.com", typed)).id, id);
    }
  }));

Deno.test("authenticate() takes the app passwords of earlier versions", () =>
  withAccounts(async ({ accounts, secrets, store, signIn }) => {
    const { id } = await signIn();
    const former = "7k3mp-x9rwa-22222-33333-44444-55555";
    const [hash] = secrets.passwordHashes(former.replaceAll("-", ""));
    const record = {
      id: "p1",
      accountId: id,
      name: "old",
      forcedSender: false,
      imported: false,
      createdAtMs: START_MS,
    };
    await store.appPasswords.add({ ...record, hash });
    for (const typed of [former, former.replaceAll("-", " ").toUpperCase()]) {
      assert.equal((await login(accounts, "anna@example.com", typed)).id, id);
    }
  }));

Deno.test("S20: unknown user, wrong password, another's password: the same answer by the same way", () =>
  withAccounts(async ({ open, store, accounts, signIn }) => {
    const anna = await signIn();
    const bob = await signIn({ objectId: "bob", email: "bob@example.com" });
    await accounts.createAppPassword(anna.id, { name: "printer" });
    const { password: ofBob } = await accounts.createAppPassword(bob.id, { name: "printer" });
    const queries: number[] = [];
    const counting = Object.create(store.appPasswords, {
      find: {
        value: (hashes: Uint8Array[]) => {
          queries.push(hashes.length);
          return store.appPasswords.find(hashes);
        },
      },
    });
    const watched = await open({
      store: Object.create(store, { appPasswords: { value: counting } }),
    });
    const attempts = [
      ["anna@example.com", "wrong"],
      ["nobody@example.com", "wrong"],
      ["anna@example.com", ofBob],
      ["", ""],
    ] as const;
    const answers = [];
    for (const [username, password] of attempts) {
      answers.push(await failureOf(login(watched, username, password)));
    }
    assert.equal(answers[0]![0], "invalid");
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.deepEqual(queries, [2, 2, 2, 2]);
  }));

Deno.test("W3: with one e-mail address in two tenants, each app password reaches its own account", () =>
  withAccounts(async ({ accounts, signIn }) => {
    const personal = await signIn();
    const work = await signIn({ tenantId: WORK_TENANT });
    for (const account of [personal, work]) {
      const { password } = await accounts.createAppPassword(account.id, { name: "x" });
      assert.equal((await login(accounts, "anna@example.com", password)).id, account.id);
    }
  }));

Deno.test("target() follows the kind of account unless it is overridden", () =>
  withAccounts(async ({ accounts, open, signIn }) => {
    const work = await signIn({ tenantId: WORK_TENANT });
    assert.deepEqual(accounts.target(work), {
      host: "smtp.office365.com",
      port: 587,
      tls: "starttls",
    });
    const override = { host: "relay.example.net", port: 465, tls: "implicit" } as const;
    assert.deepEqual((await open({ target: override })).target(work), override);
  }));

Deno.test("T5: an account that has to sign in again is told so, and where", () =>
  withAccounts(async ({ open, store, signIn }) => {
    const { id } = await signIn();
    const accounts = await open({ publicUrl: "https://mail.example.com" });
    const { password } = await accounts.createAppPassword(id, { name: "printer" });
    await store.tokens.requireSignIn(id, { version: 1, reason: "AADSTS70008", atMs: START_MS });
    const [failure, text] = await failureOf(login(accounts, "anna@example.com", password));
    assert.equal(failure, "sign-in-required");
    assert.match(text, /^Sign in with Microsoft again at https:\/\/mail\.example\.com\b/);
    const [other] = await failureOf(login(accounts, "anna@example.com", "wrong"));
    assert.equal(other, "invalid");
  }));

Deno.test("app passwords made and revoked, and deleted accounts, are log lines that name the account", () =>
  withAccounts(async ({ accounts, open, signIn }) => {
    const lines: string[] = [];
    configureLogging({ format: "text", level: "info", write: (line) => lines.push(line) });
    const account = await signIn();
    const server = await open();
    const names = `account=${account.id} mailbox=anna@example.com ` +
      `tenant=${account.tenantId} object=${account.objectId}`;
    const { appPassword, password } = await accounts.createAppPassword(account.id, {
      name: "printer",
    });
    await accounts.createAppPassword(account.id, { name: "scanner" });
    await accounts.revokeAppPassword(account.id, appPassword.id);
    await server.checkRevocations();
    await accounts.delete(account.id);
    await server.checkRevocations();
    configureLogging({ format: "text", level: "error", write: () => {} });
    const told = lines.map((line) => line.replace(/^\S+ +INFO +/, ""));
    assert.deepEqual(told.slice(0, 1), [
      `app password made ${names} appPasswordId=${appPassword.id} named=printer imported=false`,
    ]);
    const revoked = `app password revoked ${names} appPasswordId=${appPassword.id}`;
    assert.deepEqual(told.slice(2), [
      revoked,
      revoked,
      `account deleted ${names}`,
      `account deleted account=${account.id}`,
    ]);
    assert.ok(!lines.join().includes(password));
  }));

Deno.test("a login is noted as the app password's last use", () =>
  withAccounts(async ({ accounts, store, signIn }) => {
    const { id } = await signIn();
    const { appPassword, password } = await accounts.createAppPassword(id, { name: "printer" });
    await login(accounts, "anna@example.com", password);
    await store.flush();
    const used = await store.appPasswords.get(appPassword.id);
    assert.equal(used?.lastUsedAtMs, START_MS);
    assert.equal(used?.lastUsedAddress, "192.0.2.7");
  }));

Deno.test("D1: without the database those who logged in of late still do, others hear 'temporary'", () =>
  withAccounts(async ({ accounts, store, signIn }) => {
    const { id } = await signIn();
    const { password } = await accounts.createAppPassword(id, { name: "printer" });
    const { password: unused } = await accounts.createAppPassword(id, { name: "scanner" });
    const before = await login(accounts, "anna@example.com", password);
    await store.close();
    assert.deepEqual(await login(accounts, "anna@example.com", password), before);
    for (const other of [unused, "wrong"]) {
      const [failure] = await failureOf(login(accounts, "anna@example.com", other));
      assert.equal(failure, "temporary");
    }
    assert.equal((await failureOf(login(accounts, "bob@example.com", password)))[0], "invalid");
  }));

Deno.test("D1, K4: what was revoked is not remembered when the database goes away", () =>
  withAccounts(async ({ accounts, open, store, signIn }) => {
    const { id } = await signIn();
    const first = await accounts.createAppPassword(id, { name: "printer" });
    const second = await accounts.createAppPassword(id, { name: "scanner" });
    for (const { password } of [first, second]) await login(accounts, "anna@example.com", password);
    await accounts.revokeAppPassword(id, first.appPassword.id);
    await (await open()).revokeAppPassword(id, second.appPassword.id);
    await accounts.checkRevocations();
    await store.close();
    for (const { password } of [first, second]) {
      const [failure] = await failureOf(login(accounts, "anna@example.com", password));
      assert.equal(failure, "temporary");
    }
  }));

Deno.test("K4: a revoked app password is refused, and listeners hear of it", () =>
  withAccounts(async ({ accounts, signIn }) => {
    const { id } = await signIn();
    const { appPassword, password } = await accounts.createAppPassword(id, { name: "printer" });
    const { password: other } = await accounts.createAppPassword(id, { name: "scanner" });
    await login(accounts, "anna@example.com", password);
    const heard: Revocation[] = [];
    const stop = accounts.onRevoked((revocation) => heard.push(revocation));
    assert.equal(await accounts.revokeAppPassword(id, appPassword.id), true);
    assert.deepEqual(heard, [
      { id: 1, accountId: id, appPasswordId: appPassword.id, isChange: false },
    ]);
    assert.equal((await failureOf(login(accounts, "anna@example.com", password)))[0], "invalid");
    assert.equal((await login(accounts, "anna@example.com", other)).id, id);
    assert.equal(await accounts.revokeAppPassword(id, appPassword.id), false);
    stop();
    await accounts.delete(id);
    assert.equal(heard.length, 1);
  }));

Deno.test("K4: checkRevocations() finds what another process has revoked, once", () =>
  withAccounts(async ({ accounts, open, signIn }) => {
    const { id } = await signIn();
    const { appPassword } = await accounts.createAppPassword(id, { name: "printer" });
    const heard: Revocation[] = [];
    accounts.onRevoked((revocation) => heard.push(revocation));
    await (await open()).revokeAppPassword(id, appPassword.id);
    assert.deepEqual(heard, []);
    await accounts.checkRevocations();
    await accounts.checkRevocations();
    assert.deepEqual(heard.map(({ appPasswordId }) => appPasswordId), [appPassword.id]);
    const later: Revocation[] = [];
    const started = await open();
    started.onRevoked((revocation) => later.push(revocation));
    await started.checkRevocations();
    assert.deepEqual(later, []);
  }));

Deno.test("checkRevocations() tells each revocation once, however many look at the same time", () =>
  withAccounts(async ({ accounts, open, signIn }) => {
    const { id } = await signIn();
    const { appPassword } = await accounts.createAppPassword(id, { name: "printer" });
    const heard: Revocation[] = [];
    accounts.onRevoked((revocation) => heard.push(revocation));
    await (await open()).revokeAppPassword(id, appPassword.id);
    await Promise.all([1, 2, 3].map(() => accounts.checkRevocations()));
    assert.equal(heard.length, 1);
  }));

Deno.test("K5: deleting an account ends its logins and tells the listeners", () =>
  withAccounts(async ({ accounts, signIn }) => {
    const { id } = await signIn();
    const { password } = await accounts.createAppPassword(id, { name: "printer" });
    const heard: Revocation[] = [];
    accounts.onRevoked((revocation) => heard.push(revocation));
    assert.equal(await accounts.delete(id), true);
    assert.ok(heard.some((e) => e.accountId === id && e.appPasswordId === undefined));
    assert.equal((await failureOf(login(accounts, "anna@example.com", password)))[0], "invalid");
    assert.equal(await accounts.delete(id), false);
  }));

Deno.test("K3: after a rotation a login moves its app password to the new secret", () =>
  withAccounts(async ({ accounts, open, store, signIn }) => {
    const { id } = await signIn();
    const { password } = await accounts.createAppPassword(id, { name: "printer" });
    await accounts.importAppPassword(id, { name: "old" }, "Imported-Password");
    const newSecret = "a new secret of at least 32 characters";
    const rotated = await open({ secrets: new Secrets([newSecret, SECRET]) });
    for (const typed of [password, "Imported-Password"]) {
      await login(rotated, "anna@example.com", typed);
    }
    await store.flush();
    const later = await open({ secrets: new Secrets([newSecret]) });
    for (const typed of [password, "Imported-Password"]) {
      assert.equal((await login(later, "anna@example.com", typed)).id, id);
      assert.equal((await failureOf(login(accounts, "anna@example.com", typed)))[0], "invalid");
    }
  }));

Deno.test("an imported password counts only as it is", () =>
  withAccounts(async ({ accounts, signIn }) => {
    const { id } = await signIn();
    const imported = await accounts.importAppPassword(id, { name: "old" }, "Old-Pass word");
    assert.equal(imported?.imported, true);
    assert.equal((await login(accounts, "anna@example.com", "Old-Pass word")).id, id);
    for (const typed of ["old-pass word", "OldPassword", "oldpassword"]) {
      assert.equal((await failureOf(login(accounts, "anna@example.com", typed)))[0], "invalid");
    }
    assert.equal(await accounts.importability(id, "Old-Pass word"), "present");
    assert.equal(await accounts.importability("another", "Old-Pass word"), "taken");
    assert.equal(await accounts.importability(id, "Another"), "possible");
  }));

Deno.test("app passwords are changed by their own account alone", () =>
  withAccounts(async ({ accounts, store, signIn }) => {
    const anna = await signIn();
    const bob = await signIn({ objectId: "bob" });
    const { appPassword } = await accounts.createAppPassword(anna.id, { name: "printer" });
    assert.equal(await accounts.renameAppPassword(bob.id, appPassword.id, "mine"), false);
    assert.equal(await accounts.revokeAppPassword(bob.id, appPassword.id), false);
    assert.equal(await accounts.renameAppPassword(anna.id, appPassword.id, " Gmail "), true);
    assert.equal((await store.appPasswords.get(appPassword.id))?.name, "Gmail");
  }));

Deno.test("what cannot be accepted is an InputError that names the field", () =>
  withAccounts(async ({ accounts, signIn }) => {
    const anna = await signIn();
    const bob = await signIn({ objectId: "bob" });
    await accounts.setShortName(anna.id, "scan");
    for (const name of ["", "  ", "x".repeat(65), "a\nb"]) {
      await assert.rejects(accounts.createAppPassword(anna.id, { name }), isInputError("name"));
    }
    const badSender = { name: "x", allowedSender: "printer" };
    await assert.rejects(
      accounts.createAppPassword(anna.id, badSender),
      isInputError("allowed-sender"),
    );
    for (const shortName of ["x", "a@b", "-scan", "ü1", "x".repeat(33), "scan"]) {
      await assert.rejects(accounts.setShortName(bob.id, shortName), isInputError("short-name"));
    }
    await assert.rejects(
      accounts.createAppPassword("nobody", { name: "x" }),
      isInputError("account"),
    );
  }));

Deno.test("the number of app passwords has a limit", () =>
  withAccounts(async ({ accounts, signIn }) => {
    const { id } = await signIn();
    for (let number = 0; number < 100; number++) {
      await accounts.createAppPassword(id, { name: `${number}` });
    }
    await assert.rejects(accounts.createAppPassword(id, { name: "x" }), isInputError("account"));
  }));

Deno.test("W4: signOutEverywhere() ends all web sessions", () =>
  withAccounts(async ({ accounts, store, signIn }) => {
    const { id } = await signIn();
    const times = { createdAtMs: START_MS, expiresAtMs: START_MS + 1 };
    await store.webSessions.add({ idHash: Uint8Array.of(1), accountId: id, ...times });
    assert.equal(await accounts.signOutEverywhere(id), 1);
    assert.equal(await store.webSessions.get(Uint8Array.of(1), START_MS), undefined);
  }));

Deno.test("changeAppPassword() changes what is given, and tells the listeners", () =>
  withAccounts(async ({ accounts, open, signIn, store }) => {
    const { id } = await signIn();
    const { appPassword, password } = await accounts.createAppPassword(id, {
      ...{ name: "scanner", allowedSender: "scan@example.com", dailyLimit: "20" },
    });
    const heard: Revocation[] = [];
    accounts.onRevoked((revocation) => heard.push(revocation));
    const change = { senderRule: "always", allowedSender: "", allowedRecipients: "example.com" };
    assert.equal(await (await open()).changeAppPassword(id, appPassword.id, change), true);
    await accounts.checkRevocations();
    assert.deepEqual(heard, [
      { id: 1, accountId: id, appPasswordId: appPassword.id, isChange: true },
    ]);
    const account = await login(accounts, "anna@example.com", password);
    assert.equal(account.forcedSender, true);
    assert.equal(account.allowedSender, undefined);
    assert.deepEqual(account.allowedRecipients, ["*@example.com"]);
    assert.equal(account.dailyLimit, 20, "what is absent stays");
    await accounts.changeAppPassword(id, appPassword.id, { dailyLimit: "" });
    const [changed] = await store.appPasswords.list(id);
    assert.equal(changed!.dailyLimit, undefined);
    assert.equal(changed!.forcedSender, true);
  }));

Deno.test("changeAppPassword() refuses wrong entries and passwords of others", () =>
  withAccounts(async ({ accounts, signIn, store }) => {
    const { id } = await signIn();
    const other = await signIn({
      objectId: "00000000-0000-0000-0000-000000000002",
      email: "b@c.de",
    });
    const { appPassword } = await accounts.createAppPassword(id, { name: "scanner" });
    for (
      const wrong of [{ dailyLimit: "0" }, { senderRule: "only" }, { allowedRecipients: "nobody" }]
    ) {
      await assert.rejects(accounts.changeAppPassword(id, appPassword.id, wrong), InputError);
    }
    assert.equal(await accounts.changeAppPassword(other.id, appPassword.id, {}), false);
    assert.equal(await store.revocations.lastId(), 0);
  }));

Deno.test("changeAppPassword() gives an address to one app password only, which may keep it", () =>
  withAccounts(async ({ open, signIn }) => {
    const accounts = await open({ loginNetworks: addressMatcher(["192.168.0.0/16"]) });
    const { id } = await signIn();
    const clientAddresses = "192.168.1.40";
    const first = await accounts.createAppPassword(id, { name: "scanner", clientAddresses });
    const second = await accounts.createAppPassword(id, { name: "copier" });
    const { changeAppPassword } = accounts;
    const change = changeAppPassword.bind(accounts, id);
    assert.equal(await change(first.appPassword.id, { clientAddresses }), true);
    await assert.rejects(change(second.appPassword.id, { clientAddresses }), InputError);
    assert.equal(await change(first.appPassword.id, { clientAddresses: "" }), true);
    assert.equal(await change(second.appPassword.id, { clientAddresses }), true);
  }));

Deno.test("createAppPassword() for an account that is deleted meanwhile says that there is none", () =>
  withAccounts(async ({ open, store, signIn }) => {
    const { id } = await signIn();
    const list = async () => {
      await store.accounts.delete(id);
      return [];
    };
    const appPasswords = {
      find: () => {},
      list,
      add: store.appPasswords.add.bind(store.appPasswords),
    };
    const racing = Object.assign(Object.create(store), { appPasswords });
    const accounts = await open({ store: racing });
    await assert.rejects(accounts.createAppPassword(id, { name: "printer" }), {
      name: "InputError",
      message: /^This account does not exist any more/,
    });
  }));
