/**
 * Logins with few and with many accounts.
 *
 * @module
 */
import type { Scenario } from "../scenario.ts";
import { createDatabase } from "../accounts.ts";
import type { Credentials } from "../client.ts";
import { type Figure, shown } from "../report.ts";
import { SESSION_SECRET } from "../settings.ts";
import { median } from "../statistics.ts";
import { Accounts } from "../../lib/accounts/accounts.ts";
import { systemClock } from "../../lib/base/mod.ts";
import { Secrets } from "../../lib/crypto/secrets.ts";
import { SqliteStore } from "../../lib/store/sqlite/sqlite_store.ts";

const FEW = 10;
const MANY = 10_000;
const MILLION = 1_000_000;
const ROUNDS = 5;
const LOGINS = 5_000;
const GOAL = 1.2;
const CLIENT = { sessionId: "bench", address: "127.0.0.1", secure: true, helo: "bench" };

/** Groups of people who log in. */
const GROUPS = [
  // Both sides do the same work, except that they look for it among more accounts.
  { name: "the same ten people", size: FEW, goal: GOAL },
  // Their rows are in no cache.
  { name: "anybody", size: Infinity, goal: undefined },
];

/** `Accounts.authenticate()`, the only step of a login that looks for something among all accounts. */
export const accountLookup: Scenario = async (testbed, { million }) => {
  await using stack = new AsyncDisposableStack();
  const populations: Population[] = [];
  for (const count of [FEW, MANY, ...(million ? [MILLION] : [])]) {
    const population = await Population.open(testbed.path(`accounts_${count}.sqlite`), count);
    populations.push(population);
    stack.defer(() => population.close());
  }
  const figures: Figure[] = [];
  for (const { name, size, goal } of GROUPS) {
    const [few = NaN, ...others] = await measure(populations, size);
    others.forEach((cost, index) => {
      const ratio = cost / few;
      figures.push({
        name: `login with ${populations[index + 1]!.count.toLocaleString("en")} accounts against ` +
          `${FEW}, ${name}`,
        goal: goal === undefined ? "" : `at most ${goal} ×`,
        measured: `${shown(ratio)} × (${shown(few)} to ${shown(cost)} µs)`,
        reached: goal === undefined ? undefined : ratio <= goal,
      });
    });
  }
  return { figures };
};

/** Microseconds of a login in each population, which take turns. */
async function measure(populations: readonly Population[], groupSize: number): Promise<number[]> {
  const costs = populations.map(() => [] as number[]);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, population] of populations.entries()) {
      const microseconds = await population.logIn(LOGINS, groupSize);
      // The first round fills the caches.
      if (round > 0) costs[index]!.push(microseconds);
    }
  }
  return costs.map(median);
}

/** A database and its people. */
class Population {
  readonly #people: readonly Credentials[];
  readonly #store: SqliteStore;
  readonly #accounts: Accounts;

  private constructor(people: readonly Credentials[], store: SqliteStore, accounts: Accounts) {
    this.#people = people;
    this.#store = store;
    this.#accounts = accounts;
  }

  static async open(path: string, count: number): Promise<Population> {
    const people = await createDatabase(path, SESSION_SECRET, count);
    const store = await SqliteStore.open(path);
    const secrets = new Secrets([SESSION_SECRET]);
    const accounts = await Accounts.open({ store, secrets, clock: systemClock });
    return new Population(people, store, accounts);
  }

  get count(): number {
    return this.#people.length;
  }

  /**
   * Logs people in, in no order.
   *
   * @param groupSize How many different ones; they are spread over the whole database.
   * @returns the microseconds that each login took.
   */
  async logIn(count: number, groupSize: number): Promise<number> {
    const size = Math.min(groupSize, this.#people.length);
    const stride = this.#people.length / size;
    const startedMs = performance.now();
    for (let login = 0; login < count; login++) {
      const person = this.#people[Math.floor(Math.floor(Math.random() * size) * stride)]!;
      await this.#accounts.authenticate(person, CLIENT);
    }
    const microseconds = (performance.now() - startedMs) * 1000 / count;
    // No timer runs in between: "last used", which the program writes in batches, would wait for ever.
    await this.#store.flush();
    return microseconds;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
