import assert from "node:assert/strict";
import { databaseConfig, needsPostgres, sharedCluster } from "../../test/postgres.ts";
import { eventually } from "../../test/replicas/testbed.ts";
import { HOUR_MS, systemClock } from "../base/mod.ts";
import { SecretError, Secrets } from "../crypto/mod.ts";
import { PostgresStore } from "../store/postgres/postgres_store.ts";
import { appPassword, delivery, signIn } from "../store/testing.ts";
import type { LoginEvent } from "../accounts/mod.ts";
import { checkSecretMark, Replicas } from "./mod.ts";

const cluster = await sharedCluster();
const SECRETS = new Secrets(["a secret of at least thirty-two characters"]);

/** A replica without the rest of the program. */
interface Bare {
  readonly store: PostgresStore;
  readonly replicas: Replicas;
}

/** Registers a test with a database and this number of replicas, whose heartbeat a test can start. */
function replicasTest(
  name: string,
  count: number,
  test: (bare: Bare[], url: string) => Promise<void>,
): void {
  Deno.test({
    name,
    ...needsPostgres,
    async fn() {
      const database = await cluster!.createMigratedDatabase();
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

async function open(url: string, clock = systemClock): Promise<Bare> {
  const store = await PostgresStore.open(databaseConfig(url));
  const about = { host: "test", version: "1", failureKey: SECRETS.failureKey() };
  return {
    store,
    replicas: new Replicas({ database: store.shared, clock, ...about }),
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
  const { store } = bare!;
  const [old, other] = ["x", "y"].map((letter) => letter.repeat(40)) as [string, string];
  await checkSecretMark(store, store.shared, new Secrets([old]));
  await checkSecretMark(store, store.shared, new Secrets([old]));
  await assert.rejects(
    checkSecretMark(store, store.shared, new Secrets([other])),
    (error) => error instanceof SecretError && /same SESSION_SECRET/.test(error.message),
  );
  await checkSecretMark(store, store.shared, new Secrets([other, old]));
  await checkSecretMark(store, store.shared, new Secrets([other]));
});

replicasTest(
  "R3: a value has a lease before it exists, and storing it ends that",
  2,
  async (bare) => {
    const [one, other] = bare as [Bare, Bare];
    for (const { replicas } of bare) await replicas.start();
    const [lease, otherLease] = [one.replicas.valueLease, other.replicas.valueLease];
    assert.equal(await lease.claim("token", 0), "claimed");
    assert.equal(await otherLease.claim("token", 0), "held");
    assert.equal(await one.store.sealedValues.get("token"), undefined);
    assert.equal(await one.store.sealedValues.replace("token", Uint8Array.of(1), 0), true);
    assert.equal(await otherLease.claim("token", 0), "changed");
    assert.equal(await otherLease.claim("token", 1), "claimed");
    assert.equal(await lease.claim("token", 1), "held");
    await other.replicas.stop();
    assert.equal(await lease.claim("token", 1), "claimed");
  },
);

replicasTest(
  "R3: one replica at a time requests a certificate, and none in the pause after a failure",
  2,
  async (bare) => {
    for (const { replicas } of bare) await replicas.start();
    const [turns, others] = bare.map(({ replicas }) => replicas.certificates.turns);
    assert.deepEqual(await turns!.take("c", 0, false), { failures: 0 });
    assert.equal(await others!.take("c", 0, true), undefined, "even in a hurry");
    await turns!.fail("c", HOUR_MS);
    for (const one of [turns, others]) assert.equal(await one!.take("c", 0, false), undefined);
    assert.deepEqual(await others!.take("c", 0, true), { failures: 1 });
    await others!.fail("c", 0);
    assert.deepEqual(await turns!.take("c", 0, false), { failures: 2 });
    assert.equal(await bare[0]!.store.sealedValues.replace("c", Uint8Array.of(1), 0), true);
    assert.equal(await others!.take("c", 0, false), undefined, "there is another one already");
    assert.deepEqual(await others!.take("c", 1, false), { failures: 0 });
  },
);

replicasTest(
  "R3: any replica answers a challenge, and asks for no token that is none",
  2,
  async (bare) => {
    const [one, other] = bare.map(({ replicas }) => replicas.certificates.challenges);
    await one!.set("token-_1", "token-_1.thumbprint");
    assert.equal(await other!.get("token-_1"), "token-_1.thumbprint");
    for (const none of ["", "a/b", "'", "x".repeat(200), "unknown"]) {
      assert.equal(await other!.get(none), undefined);
    }
    await one!.delete("token-_1");
    assert.equal(await other!.get("token-_1"), undefined);
  },
);

replicasTest("R3: a replica whose clock is set back lives on", 1, async ([bare], url) => {
  let offsetMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() - offsetMs };
  const moved = await open(url, clock);
  const seenAtMs = async () => {
    const list = await bare!.replicas.list();
    return list.find(({ id }) => id === moved.replicas.id)!.seenAtMs;
  };
  await moved.replicas.start();
  const before = await seenAtMs();
  offsetMs = HOUR_MS;
  await eventually("another heartbeat", async () => await seenAtMs() > before);
  await moved.replicas.check();
  await moved.replicas.stop();
  await moved.store.close();
});

replicasTest(
  "R3: replicas that make and delete the same at once agree on it",
  2,
  async (bare) => {
    const [one, other] = bare as [Bare, Bare];
    const signIns = Array.from({ length: 20 }, (_, index) => {
      const { store } = index % 2 ? one : other;
      return store.accounts.recordSignIn(signIn({ displayName: `${index}` }), Uint8Array.of(index));
    });
    const results = await Promise.all(signIns);
    assert.equal(results.filter(({ created }) => created).length, 1);
    const [{ account: { id } }] = results as [typeof results[0]];
    assert.equal(new Set(results.map(({ account }) => account.id)).size, 1);

    const { account: second } = await one.store.accounts.recordSignIn(
      signIn({ objectId: "second" }),
      Uint8Array.of(1),
    );
    const named = await Promise.allSettled([
      one.store.accounts.setShortName(id, "scan"),
      other.store.accounts.setShortName(second.id, "scan"),
    ]);
    assert.deepEqual(named.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);

    for (let round = 0; round < 10; round++) {
      const name = `p${round}`;
      await one.store.appPasswords.add(appPassword(id, name));
      await one.store.deliveries.record(delivery(id, { appPasswordId: name }));
      const deleted = await Promise.all(
        bare.map(({ store }) => store.appPasswords.delete(name)),
      );
      assert.equal(deleted.filter(Boolean).length, 1);
    }
    // What was written for an account that is gone meanwhile holds up nothing.
    await other.store.deliveries.record(delivery(id));
    const gone = await Promise.all(bare.map(({ store }) => store.accounts.delete(id)));
    assert.equal(gone.filter(Boolean).length, 1);
    await other.store.deliveries.record(delivery(second.id));
    await other.store.flush();
    await one.store.flush();
    assert.equal((await one.store.deliveries.list({ limit: 100 })).length, 1);
  },
);
