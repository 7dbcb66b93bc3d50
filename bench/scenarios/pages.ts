/**
 * The web pages with many accounts and deliveries.
 *
 * @module
 */
import { createLargeDatabase, MAILBOX, READER } from "../large_database.ts";
import { shown } from "../report.ts";
import type { Scenario } from "../scenario.ts";
import { SESSION_SECRET } from "../settings.ts";
import { percentile } from "../statistics.ts";
import { DAY_MS, systemClock } from "../../lib/base/mod.ts";
import { parseDatabaseUrl } from "../../lib/config/mod.ts";
import { Secrets } from "../../lib/crypto/mod.ts";
import { Sessions } from "../../lib/sign_in/mod.ts";
import { copyToPostgres, SqliteStore } from "../../lib/store/mod.ts";

const GOAL_MS = 100;
const WARM_UP = 5;
const REQUESTS = 100;
const AT_ONCE = 10;
/** Shorter than the server keeps an idle connection, which would otherwise end just when it is used again. */
const POOL_IDLE_MS = 5_000;

const day = (daysAgo: number) => new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10);

/** Pages that everybody sees, and those of one person. */
const PAGES = [
  ...["/", "/guides", "/guides/msmtp", "/invite", "/account", "/account/delete"],
  ...["/activity", "/activity?outcome=refused", "/activity?outcome=deferred"],
  ...["/activity?device=d1000000-0000-4000-8000-000000000000", "/activity?device=refused-logins"],
  ...["/activity?search=someone20%40", "/activity?search=nobody%40nowhere"],
  `/activity?from=${day(20)}&to=${day(19)}`,
  `/activity?from=${day(20)}&to=${day(19)}&outcome=deferred&search=nobody`,
  "/activity?before=500000",
];

/** A file of all deliveries of the account, as many as a file may have. */
const DOWNLOAD = "/activity/export.csv";
/** Pages that are read while that file is downloaded, many times at once. */
const PAGES_BESIDE = ["/account", "/activity", "/admin/organisation"];

const ADMIN_PAGES = [
  ...["/admin", "/admin/accounts", "/admin/accounts?page=190", "/admin/accounts?search=person77"],
  ...["/admin/accounts?search=nobody", "/admin/accounts?state=sign-in-required"],
  ...["state", "renewed", "created"].map((order) => `/admin/accounts?order=${order}&page=190`),
  `/admin/accounts/${READER.accountId}`,
  ...[
    "/admin/organisation",
    "/admin/organisation?page=10",
    "/admin/organisation?order=state&page=10",
  ],
  ...["/admin/organisation?search=nobody", "/admin/organisation?state=refused"],
  "/admin/organisation/setup",
  `/admin/organisation/${MAILBOX.accountId}`,
  ...["/admin/audit", "/admin/audit?search=person77", "/admin/audit?search=nobody"],
  ...["/admin/audit?before=500", "/admin/replicas", "/admin/configuration"],
];

/** Milliseconds from each request to the last octet of its answer. */
export const pages: Scenario = async (testbed, { postgresUrl }) => {
  const databasePath = testbed.path("large.sqlite");
  await createLargeDatabase(databasePath);
  const cookie = await signIn(databasePath);
  if (postgresUrl !== undefined) await copy(databasePath, postgresUrl);
  await using sink = await testbed.startSink();
  const settings = {
    ADMIN_EMAILS: READER.email,
    ...postgresUrl !== undefined && { DATABASE_URL: postgresUrl },
  };
  await using proxy = await testbed.startProxy(sink, { databasePath, settings });
  using client = Deno.createHttpClient({ poolIdleTimeout: POOL_IDLE_MS });
  const site = `http://127.0.0.1:${proxy.ports.http}`;
  const rows: string[][] = [];
  const worst = { alone: 0, crowded: 0 };
  for (const path of [...PAGES, ...ADMIN_PAGES]) {
    const reader = { site, cookie, client };
    await load(reader, path, WARM_UP, 1);
    const cpuSeconds = proxy.cpuSeconds;
    const alone = await load(reader, path, REQUESTS, 1);
    const crowded = await load(reader, path, REQUESTS, AT_ONCE);
    const cpuMs = (proxy.cpuSeconds - cpuSeconds) * 1_000 / (2 * REQUESTS);
    const figures = [alone, crowded].flatMap((ms) => [percentile(ms, 0.5), percentile(ms, 0.99)]);
    worst.alone = Math.max(worst.alone, figures[1]!);
    worst.crowded = Math.max(worst.crowded, figures[3]!);
    rows.push([`\`${path}\``, ...[...figures, cpuMs].map(shown)]);
    console.error(rows.at(-1)!.join("  "));
  }
  const beside = await besideDownloads({ site, cookie, client });
  const name = "slowest page at the 99th percentile, 10,000 accounts, 1,000,000 deliveries";
  const figure = (how: string, measured: number) => ({
    name: `${name}, ${how}`,
    goal: `at most ${GOAL_MS} ms`,
    measured: `${shown(measured)} ms`,
    reached: measured <= GOAL_MS,
  });
  const head = [
    "page, milliseconds",
    "median",
    "p99",
    `median, ${AT_ONCE} at once`,
    "p99",
    "CPU a page",
  ];
  return {
    figures: [
      figure("one request after another", worst.alone),
      figure(`${AT_ONCE} at once`, worst.crowded),
      figure(
        `while ${AT_ONCE} CSV files are downloaded`,
        Math.max(...beside.map((ms) => percentile(ms, 0.99))),
      ),
    ],
    tables: [{
      title: "Pages of an account with a twentieth of all deliveries, who is an administrator",
      rows: [head, ...rows],
    }, {
      title: `Pages while ${AT_ONCE} CSV files of 50,000 deliveries are downloaded`,
      rows: [
        ["page, milliseconds", "median", "p99"],
        ...beside.map((ms, index) => [
          `\`${PAGES_BESIDE[index]}\``,
          ...[percentile(ms, 0.5), percentile(ms, 0.99)].map(shown),
        ]),
      ],
    }],
  };
};

interface SiteReader {
  readonly site: string;
  readonly cookie: string;
  readonly client: Deno.HttpClient;
}

/** Asks for pages while large files are downloaded. @returns the milliseconds of each page. */
async function besideDownloads(reader: SiteReader): Promise<readonly (readonly number[])[]> {
  const { site, cookie, client } = reader;
  const ending = new AbortController();
  const download = async () => {
    while (!ending.signal.aborted) {
      const { signal } = ending;
      const response = await fetch(site + DOWNLOAD, { headers: { cookie }, client, signal });
      await response.body?.pipeTo(new WritableStream());
    }
  };
  const downloads = Promise.allSettled(Array.from({ length: AT_ONCE }, download));
  const samples: (readonly number[])[] = [];
  for (const path of PAGES_BESIDE) samples.push(await load(reader, path, REQUESTS, 1));
  ending.abort();
  await downloads;
  return samples;
}

/** Signs the reader in. @returns the cookie. */
async function signIn(path: string): Promise<string> {
  const store = await SqliteStore.open(path);
  const sessions = new Sessions({
    store: store.webSessions,
    secrets: new Secrets([SESSION_SECRET]),
    clock: systemClock,
    cookieName: "session",
  });
  const { setCookie } = await sessions.create(READER.accountId, false);
  await store.close();
  return setCookie.split(";", 1)[0]!;
}

async function copy(path: string, url: string): Promise<void> {
  const config = parseDatabaseUrl(url);
  if ("fault" in config) throw new Error(config.fault);
  await copyToPostgres(path, config);
}

/** Asks for a page many times. @returns the milliseconds of each. */
async function load(
  { site, cookie, client }: SiteReader,
  path: string,
  count: number,
  atOnce: number,
): Promise<readonly number[]> {
  const samples: number[] = [];
  const ask = async () => {
    const startedMs = performance.now();
    const response = await fetch(site + path, { headers: { cookie }, redirect: "manual", client });
    await response.body?.pipeTo(new WritableStream());
    samples.push(performance.now() - startedMs);
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  };
  const work = async () => {
    for (let index = 0; index < count / atOnce; index++) await ask();
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return samples;
}
