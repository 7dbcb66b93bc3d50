import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { explainState } from "../accounts/mod.ts";
import { type AccountsFixture, withAccounts } from "../accounts/testing.ts";
import { importOldProxy, type ImportReport } from "./import_old_proxy.ts";
import { faultOf } from "./old_database.ts";
import { START_MS } from "../store/testing.ts";

const PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad";
const APP = "11111111-1111-4111-8111-111111111111";
const ANNA = "00000000-0000-0000-0123-456789abcdef";
const BOB = "00000000-0000-0000-aaaa-aaaaaaaaaaaa";
const STRONG = "Zk3-9fQ_xW7bTn2LrV8cYp4s";

/** A token cache as MSAL serializes it. */
function msalCache(
  uid: string,
  refreshToken = `refresh of ${uid}`,
  username = "anna@example.com",
): string {
  const homeAccountId = `${uid}.${PERSONAL_TENANT}`;
  const owner = { home_account_id: homeAccountId, environment: "login.windows.net" };
  return JSON.stringify({
    Account: {
      [`${homeAccountId}-login.windows.net-${PERSONAL_TENANT}`]: {
        ...owner,
        realm: PERSONAL_TENANT,
        local_account_id: uid,
        username,
        authority_type: "MSSTS",
        name: "Anna",
      },
    },
    IdToken: {},
    AccessToken: {
      "x-accesstoken": {
        ...owner,
        credential_type: "AccessToken",
        client_id: APP,
        secret: "old access token",
        cached_at: `${START_MS / 1000 - 60}`,
        expires_on: `${START_MS / 1000 + 3000}`,
      },
    },
    RefreshToken: {
      "other": { ...owner, credential_type: "RefreshToken", client_id: "other", secret: "no" },
      "x-refreshtoken": {
        ...owner,
        credential_type: "RefreshToken",
        client_id: APP,
        secret: refreshToken,
      },
    },
    AppMetadata: {},
  });
}

interface OldRow {
  readonly uid: string;
  readonly email: string;
  readonly password: string;
  readonly cache: string;
  readonly appId?: string;
}

const ANNA_ROW = { uid: ANNA, email: "anna@example.com", password: STRONG, cache: msalCache(ANNA) };

function buildOldDatabase(path: string, rows: readonly OldRow[]): void {
  const database = new DatabaseSync(path);
  database.exec(`
    CREATE TABLE tokens (uid TEXT NOT NULL PRIMARY KEY, username TEXT NOT NULL, email TEXT NOT NULL,
      smtp_password TEXT NOT NULL, app_id TEXT NOT NULL, cache TEXT NOT NULL, expires_at TIMESTAMP NULL);
    PRAGMA user_version = 2`);
  const insert = database.prepare("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, NULL)");
  for (const { uid, email, password, cache, appId = APP } of rows) {
    insert.run(uid, email, email, password, appId, cache);
  }
  database.close();
}

type Import = (dryRun?: boolean) => Promise<readonly ImportReport[]>;

function withOldProxy(
  rows: readonly OldRow[],
  test: (fixture: AccountsFixture & { runImport: Import; oldPath: string }) => Promise<void>,
): Promise<void> {
  return withAccounts(async (fixture) => {
    const workDirectory = dirname(fixture.path);
    const oldPath = join(workDirectory, "old.sqlite");
    buildOldDatabase(oldPath, rows);
    const runImport = (dryRun = false) =>
      importOldProxy({ ...fixture, path: oldPath, workDirectory, clientIds: [APP], dryRun });
    await test({ ...fixture, runImport, oldPath });
  });
}

function login({ accounts }: AccountsFixture, username: string, password: string) {
  const client = { sessionId: "s", address: "192.0.2.7", secure: true, helo: "x" };
  return accounts.authenticate({ username, password }, client);
}

Deno.test("importOldProxy() takes over account, tokens and password", () =>
  withOldProxy([ANNA_ROW], async (fixture) => {
    const { store, vault, runImport } = fixture;
    assert.deepEqual(await runImport(), [
      { email: "anna@example.com", outcome: "imported", notes: [] },
    ]);
    const identity = { tenantId: PERSONAL_TENANT, objectId: ANNA };
    const account = (await store.accounts.getByIdentity(identity))!;
    assert.equal(account.state, "active");
    assert.equal(account.clientId, APP);
    assert.equal(account.displayName, "Anna");
    assert.equal(account.emailVerified, true);
    assert.deepEqual((await vault.load(account))!.tokens, {
      accessToken: "",
      accessTokenExpiresAtMs: 0,
      refreshToken: `refresh of ${ANNA}`,
      obtainedAtMs: START_MS - 60_000,
    });
    const { id, mailbox } = await login(fixture, "anna@example.com", STRONG);
    assert.deepEqual([id, mailbox], [account.id, "anna@example.com"]);
    assert.equal((await store.appPasswords.list(account.id))[0]!.imported, true);
  }));

Deno.test("importOldProxy() takes MSAL's user name as the sign-in name, and the address as another name", () =>
  withOldProxy(
    [{ ...ANNA_ROW, cache: msalCache(ANNA, "refresh", "u4711@corp.example") }],
    async (fixture) => {
      await fixture.runImport();
      const { mailbox, signInName, otherName } = await login(fixture, "u4711@corp.example", STRONG);
      assert.equal(mailbox, "anna@example.com");
      assert.equal(signInName, "u4711@corp.example");
      assert.equal(otherName, "anna@example.com");
    },
  ));

Deno.test("importOldProxy() on a dry run writes nothing and tells the same", () =>
  withOldProxy([ANNA_ROW], async ({ store, runImport }) => {
    const dry = await runImport(true);
    assert.equal(await store.accounts.count(), 0);
    assert.deepEqual(await runImport(), dry);
  }));

Deno.test("importOldProxy() leaves the old file and its directory as they are", () =>
  withOldProxy([ANNA_ROW], async ({ runImport, oldPath }) => {
    const content = Deno.readFileSync(oldPath);
    const names = () => Array.from(Deno.readDirSync(dirname(oldPath)), ({ name }) => name).sort();
    const before = names();
    await runImport();
    assert.deepEqual(Deno.readFileSync(oldPath), content);
    assert.deepEqual(names(), before);
  }));

Deno.test("importOldProxy() sees what the old proxy has only in its write-ahead log", () =>
  withOldProxy([], async ({ runImport, oldPath }) => {
    const running = new DatabaseSync(oldPath);
    running.exec("PRAGMA journal_mode = WAL");
    running.prepare("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, NULL)")
      .run(ANNA, "x", "anna@example.com", STRONG, APP, msalCache(ANNA));
    assert.equal((await runImport(true)).length, 1);
    running.close();
  }));

Deno.test("importOldProxy() may be repeated: what is here stays, what was revoked stays revoked", () =>
  withOldProxy([ANNA_ROW], async ({ accounts, store, runImport }) => {
    await runImport();
    const [account] = await store.accounts.list({ limit: 1 });
    const [appPassword] = await store.appPasswords.list(account!.id);
    const known = [{ email: "anna@example.com", outcome: "known", notes: [] }];
    assert.deepEqual(await runImport(), known);
    assert.deepEqual(await store.appPasswords.list(account!.id), [appPassword]);
    await accounts.revokeAppPassword(account!.id, appPassword!.id);
    const [report] = await runImport();
    assert.equal(report!.outcome, "known");
    assert.match(report!.notes.join(" "), /revoked here/);
    assert.deepEqual(await store.appPasswords.list(account!.id), []);
  }));

Deno.test("importOldProxy() gives an existing account its old password as another one", () =>
  withOldProxy([ANNA_ROW], async (fixture) => {
    const { id } = await fixture.signIn({ objectId: ANNA });
    const { password } = await fixture.accounts.createAppPassword(id, { name: "new" });
    const report = [{ email: "anna@example.com", outcome: "password", notes: [] }];
    assert.deepEqual(await fixture.runImport(true), report);
    await assert.rejects(login(fixture, "anna@example.com", STRONG));
    assert.deepEqual(await fixture.runImport(), report);
    for (const each of [STRONG, password]) {
      assert.equal((await login(fixture, "anna@example.com", each)).id, id);
    }
  }));

Deno.test("importOldProxy() finishes what was interrupted", () =>
  withOldProxy([ANNA_ROW], async (fixture) => {
    const { id } = await fixture.signIn({ objectId: ANNA });
    const [report] = await fixture.runImport();
    assert.equal(report!.outcome, "password");
    assert.equal((await login(fixture, "anna@example.com", STRONG)).id, id);
    const { tokens } = (await fixture.vault.load((await fixture.store.accounts.get(id))!))!;
    assert.equal(tokens.refreshToken, "refresh");
  }));

Deno.test("importOldProxy() keeps the password of an account that has to sign in", () =>
  withOldProxy([{ ...ANNA_ROW, cache: "" }], async (fixture) => {
    const [report] = await fixture.runImport();
    assert.match(report!.notes.join(" "), /sign in with Microsoft once/);
    const [account] = await fixture.store.accounts.list({ limit: 1 });
    assert.equal(account!.state, "sign-in-required");
    assert.match(explainState(account!)?.title ?? "", /older proxy had no valid sign-in/);
    await assert.rejects(login(fixture, "anna@example.com", STRONG), {
      failure: "sign-in-required",
    });
    await fixture.signIn({ objectId: ANNA });
    assert.equal((await login(fixture, "anna@example.com", STRONG)).id, account!.id);
  }));

const NOTED: readonly (readonly [string, Partial<OldRow>, RegExp])[] = [
  ["a weak password", { password: "hunter22" }, /weaker than a new app password/],
  ["no password", { password: "" }, /no SMTP password/],
  [
    "an unknown app registration",
    { appId: "gone", cache: msalCache(ANNA) },
    /gone is not in APP_SECRETS/,
  ],
];

for (const [name, change, note] of NOTED) {
  Deno.test(`importOldProxy() imports with a note: ${name}`, () =>
    withOldProxy([{ ...ANNA_ROW, ...change }], async ({ runImport }) => {
      const [report] = await runImport();
      assert.equal(report!.outcome, "imported");
      assert.match(report!.notes.join(" "), note);
    }));
}

Deno.test("importOldProxy() notes a password that two accounts share", () =>
  withOldProxy([ANNA_ROW, {
    uid: BOB,
    email: "bob@example.com",
    password: STRONG,
    cache: msalCache(BOB),
  }], async ({ runImport }) => {
    const dry = await runImport(true);
    const [anna, bob] = dry;
    assert.deepEqual(anna!.notes, []);
    assert.match(bob!.notes.join(" "), /belongs to another account/);
    assert.deepEqual(await runImport(), dry);
  }));

const BROKEN: readonly (readonly [string, Partial<OldRow>])[] = [
  ["a cache that is not JSON", { cache: "canary-secret{" }],
  ["a cache of somebody else", { cache: msalCache(BOB) }],
  ["a cache without sections", { cache: "[]" }],
  ["no e-mail address", { email: "" }],
  ["a user id that is not a GUID", { uid: "1", cache: "" }],
];

for (const [name, change] of BROKEN) {
  Deno.test(`K1: importOldProxy() reports ${name} without showing it, and goes on`, () =>
    withOldProxy(
      [{ ...ANNA_ROW, ...change }, {
        uid: BOB,
        email: "bob@example.com",
        password: STRONG,
        cache: msalCache(BOB),
      }],
      async ({ runImport }) => {
        const [anna, bob] = await runImport();
        assert.equal(anna!.outcome, "failed");
        assert.equal(anna!.notes.length, 2);
        assert.ok(!anna!.notes[0]!.includes("canary"));
        assert.match(anna!.notes[1]!, /Sign in .* create an app password/);
        assert.equal(bob!.outcome, "imported");
      },
    ));
}

const UNREADABLE: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  ["no file", (path) => Deno.removeSync(path), /does not exist.*whole path/],
  ["a folder", (path) => {
    Deno.removeSync(path);
    Deno.mkdirSync(path);
  }, /is not a file/],
  [
    "another kind of file",
    (path) => Deno.writeTextFileSync(path, "A letter. ".repeat(200)),
    /is not an SQLite/,
  ],
  ["another program's database", (path) => {
    Deno.removeSync(path);
    using database = new DatabaseSync(path);
    database.exec("CREATE TABLE letters (text TEXT)");
  }, /not one of the older proxy/],
];

for (const [name, spoil, message] of UNREADABLE) {
  Deno.test(`importOldProxy() says that there is ${name}`, () =>
    withOldProxy([], async ({ runImport, oldPath }) => {
      spoil(oldPath);
      await assert.rejects(runImport(), { name: "OldDatabaseError", message });
    }));
}

Deno.test("faultOf() tells a file that may not be read from one that is no database", () => {
  assert.match(faultOf(new Deno.errors.PermissionDenied("x")), /may not be read by the user/);
  assert.match(faultOf(new Deno.errors.NotCapable("x")), /Copy it into the folder/);
  assert.match(faultOf(new Error("disk I/O error")), /cannot be read: disk I\/O error/);
});
