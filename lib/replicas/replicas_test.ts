import assert from "node:assert/strict";
import { databaseConfig, needsPostgres, sharedCluster } from "../../test/postgres.ts";
import { systemClock } from "../base/mod.ts";
import { SecretError, Secrets } from "../crypto/mod.ts";
import { PostgresStore } from "../store/postgres/postgres_store.ts";
import { appPassword, signIn } from "../store/testing.ts";
import type { LoginEvent } from "../accounts/mod.ts";
import { checkSecretMark, Replicas } from "./mod.ts";

const cluster = await sharedCluster();
const SECRETS = new Secrets(["a secret of at least thirty-two characters"]);

/** A replica without the rest of the program. */
interface Bare {
  readonly store: PostgresStore;
  readonly replicas: Replicas;
}

/** Registers a test with a database and this number of replicas, whose pulse a test may start. */
function replicasTest(
  name: string,
  count: number,
  test: (bare: Bare[], url: string) => Promise<void>,
): void {
  Deno.test({
    name,
    ...needsPostgres,
    async fn() {
      const database = await cluster!.createDatabase();
      const url = cluster!.url(database);
      const bare: Bare[] = [];
      try {
        for (let index = 0; index < count; index++) bare.push(await open(url));
        await test(bare, url);
      } finally {
        for (const { store, replicas } of bare) {
          await replicas.stop();
          await store.close();
        }
        await cluster!.dropDatabase(database);
      }
    },
  });
}

async function open(url: string): Promise<Bare> {
  const store = await PostgresStore.open(databaseConfig(url));
  const about = { host: "test", version: "1", failureKey: SECRETS.failureKey() };
  return {
    store,
    replicas: new Replicas({ database: store.shared, clock: systemClock, ...about }),
  };
}

replicasTest(
  "R3: one replica has the lease of tokens, until it stores new ones or dies",
  2,
  async (bare) => {
    const [one, other] = bare as [Bare, Bare];
    await one.replicas.start();
    await other.replicas.start();
    const { account: { id } } = await one.store.accounts.recordSignIn(signIn(), Uint8Array.of(1));
    assert.equal(await one.replicas.lease.claim(id, 1), "claimed");
    assert.equal(await other.replicas.lease.claim(id, 1), "held");
    await one.replicas.lease.release(id);
    assert.equal(await other.replicas.lease.claim(id, 1), "claimed");
    assert.equal(
      await other.store.tokens.replace(id, { sealed: Uint8Array.of(2), version: 1 }),
      true,
    );
    assert.equal(await one.replicas.lease.claim(id, 1), "changed");
    assert.equal(await one.replicas.lease.claim(id, 2), "claimed");
    // The fence: whoever was taken for dead does not replace what another one has stored.
    assert.equal(
      await one.store.tokens.replace(id, { sealed: Uint8Array.of(3), version: 1 }),
      false,
    );
    // A command that is no replica holds nothing for long.
    await one.replicas.stop();
    assert.equal(await other.replicas.lease.claim(id, 2), "claimed");
  },
);

replicasTest("R3: a sign-in ends once, on whichever replica", 2, async (bare) => {
  const uses = await Promise.all(
    [...bare, ...bare, ...bare].map(({ replicas }) => replicas.usedSignIns.use("state", 1, 1000)),
  );
  assert.equal(uses.filter(Boolean).length, 1);
  assert.equal(await bare[0]!.replicas.usedSignIns.use("other", 1, 1000), true);
});

replicasTest(
  "R3: the first replica tells of an alert, and the last one of its end",
  3,
  async (bare) => {
    for (const { replicas } of bare) await replicas.start();
    const alerts = bare.map(({ replicas }) => replicas.alerts);
    const first = await Promise.all(alerts.map((one) => one.raise("kind subject")));
    assert.equal(first.filter(Boolean).length, 1);
    assert.equal(await alerts[0]!.raise("kind subject"), false);
    const last = await Promise.all(alerts.map((one) => one.clear("kind subject")));
    assert.equal(last.filter(Boolean).length, 1);
  },
);

replicasTest(
  "R3: failed logins reach the other replicas, once, and those that start later",
  2,
  async (bare, url) => {
    const seen: LoginEvent[][] = [[], []];
    bare.forEach(({ replicas }, index) =>
      replicas.failures.onEvent((event) => void seen[index]!.push(event))
    );
    const event = { account: "a", networks: ["n"], fingerprint: "f" };
    bare[0]!.replicas.failures.publish(event);
    for (let round = 0; round < 2; round++) {
      for (const { replicas } of bare) await replicas.failures.exchange();
    }
    assert.deepEqual(seen, [[], [event]]);
    const late = await open(url);
    const seenLate: LoginEvent[] = [];
    late.replicas.failures.onEvent((one) => void seenLate.push(one));
    await late.replicas.failures.exchange();
    assert.deepEqual(seenLate, [event]);
    await late.store.close();
  },
);

replicasTest("R3: replicas are listed while they live, with what they hold", 2, async (bare) => {
  for (const { replicas } of bare) await replicas.start();
  const list = await bare[0]!.replicas.list();
  assert.deepEqual(list.map(({ isThis }) => isThis).sort(), [false, true]);
  assert.deepEqual(list.map(({ host, version, slotCount }) => [host, version, slotCount]), [
    ["test", "1", 0],
    ["test", "1", 0],
  ]);
  await bare[1]!.replicas.stop();
  assert.equal((await bare[0]!.replicas.list()).length, 1);
});

replicasTest("R3: a notification tells of a revocation at once", 2, async (bare) => {
  const [one, other] = bare as [Bare, Bare];
  for (const { replicas } of bare) await replicas.start();
  const { account: { id } } = await one.store.accounts.recordSignIn(signIn(), Uint8Array.of(1));
  await one.store.appPasswords.add(appPassword(id, "p1"));
  const { promise, resolve } = Promise.withResolvers<void>();
  other.replicas.onRevoked(resolve);
  // Listening begins in the background: deletions go on until one is heard.
  let heard = false;
  void promise.then(() => heard = true);
  for (let number = 0; !heard; number++) {
    await one.store.appPasswords.add(appPassword(id, `q${number}`));
    await one.store.appPasswords.delete(`q${number}`);
  }
});

replicasTest(
  "R3: of many revocations at the same time, none is missed by who reads what is newer",
  2,
  async (bare) => {
    const [one, other] = bare as [Bare, Bare];
    const { account: { id } } = await one.store.accounts.recordSignIn(signIn(), Uint8Array.of(1));
    const ids = Array.from({ length: 300 }, (_, index) => `p${index}`);
    for (const name of ids) await one.store.appPasswords.add(appPassword(id, name));
    const seen = new Set<string>();
    let [lastId, done] = [0, false];
    const read = async () => {
      for (let isLast = false; !isLast;) {
        isLast = done;
        for (const { id, appPasswordId } of await one.store.revocations.listAfter(lastId)) {
          lastId = id;
          seen.add(appPasswordId!);
        }
      }
    };
    const reading = read();
    await Promise.all(
      ids.map((name, index) => (index % 2 ? one : other).store.appPasswords.delete(name)),
    );
    done = true;
    await reading;
    assert.equal(seen.size, ids.length);
  },
);

replicasTest("R1: another SESSION_SECRET is refused, a rotated one is not", 1, async ([bare]) => {
  const { shared } = bare!.store;
  const [old, other] = ["x", "y"].map((letter) => letter.repeat(40)) as [string, string];
  await checkSecretMark(shared, new Secrets([old]));
  await checkSecretMark(shared, new Secrets([old]));
  await assert.rejects(
    checkSecretMark(shared, new Secrets([other])),
    (error) => error instanceof SecretError && /same SESSION_SECRET/.test(error.message),
  );
  await checkSecretMark(shared, new Secrets([other, old]));
  await checkSecretMark(shared, new Secrets([other]));
});
