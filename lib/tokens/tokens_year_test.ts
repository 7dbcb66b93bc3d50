import assert from "node:assert/strict";
import { LoginError } from "../../smtp/mod.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import { json, oauthError } from "../testing/identity_service.ts";
import { settle } from "../testing/settle.ts";
import { account, pseudoRandom, START_MS, TokensFixture } from "../testing/tokens_fixture.ts";

const DAYS = 365;
const REFRESH_TOKEN_LIFETIME_MS = 90 * DAY_MS;

/** How many days pass between two days on which an account sends: from an office printer to one that sleeps all year. */
const HABITS_DAYS = [
  ...[1, 7, 14, 30, 30, 30, 30, 30, 45, 45, 60, 60, 60],
  ...[90, 90, 90, 120, 120, 150, 180, 200, 250, 300, 365, 365],
];

/** Outages, day by day; the rest of the year is quiet. */
const OUTAGES: Readonly<Record<number, () => Response | Promise<Response>>> = {
  20: () => json({}, 503),
  21: () => json({}, 503),
  22: () => Promise.reject(new TypeError("network is unreachable")),
  60: () => json({ error: "busy" }, 429, { "retry-after": "120" }),
  100: () => new Response("<h1>Sorry</h1>", { headers: { "content-type": "text/html" } }),
  101: () => oauthError("temporarily_unavailable"),
  150: () => oauthError("invalid_client", 7000222, 401),
  151: () => oauthError("invalid_client", 7000222, 401),
  152: () => oauthError("invalid_client", 7000222, 401),
  200: () => oauthError("invalid_request", 90033),
  250: () => new Promise(() => {}),
};

/** Microsoft's rules about refresh tokens: each lives 90 days, and using one gives another. */
class RefreshTokens {
  readonly #issued = new Map<string, number>();
  readonly #fixture: TokensFixture;
  #count = 0;

  constructor(fixture: TokensFixture) {
    this.#fixture = fixture;
  }

  issue(): string {
    const token = `refresh-${this.#count++}`;
    this.#issued.set(token, this.#fixture.clock.now());
    return token;
  }

  redeem(form: URLSearchParams): Response {
    const issuedAtMs = this.#issued.get(form.get("refresh_token") ?? "") ?? 0;
    const expired = this.#fixture.clock.now() - issuedAtMs > REFRESH_TOKEN_LIFETIME_MS;
    if (expired) return oauthError("invalid_grant", 700082);
    return this.#fixture.service.tokens({ refresh_token: this.issue() });
  }
}

interface Year {
  readonly sent: number;
  readonly deferred: number;
  readonly waited: number;
  readonly refused: string[];
  readonly requests: number;
}

async function settled(login: Promise<string>): Promise<"sent" | "deferred" | "refused"> {
  try {
    await login;
    return "sent";
  } catch (error) {
    return error instanceof LoginError && error.failure === "temporary" ? "deferred" : "refused";
  }
}

/** Lives through a year, with a restart now and then. */
async function liveAYear(): Promise<Year> {
  const fixture = new TokensFixture();
  const issuer = new RefreshTokens(fixture);
  const random = pseudoRandom(42);
  const year = { sent: 0, deferred: 0, waited: 0, refused: [] as string[] };
  const names = HABITS_DAYS.map((_, index) => `account-${index}`);
  for (const name of names) {
    fixture.database.add(name, START_MS, { refreshToken: issuer.issue() });
  }
  let tokens = fixture.tokens();
  await tokens.start();

  /** @param mayWait Whether it is no surprise that this login has to fetch a token. */
  const send = async (name: string, mayWait: boolean) => {
    const requests = fixture.service.tokenRequests;
    const login = settled(tokens.accessToken(account(name)));
    await settle();
    if (!mayWait && fixture.service.tokenRequests > requests) year.waited++;
    const [outcome] = await Promise.all([login, fixture.clock.advance(10 * SECOND_MS)]);
    if (outcome === "sent") fixture.database.lastUses.set(name, fixture.clock.now());
    if (outcome === "refused") year.refused.push(name);
    else year[outcome]++;
  };

  for (let day = 0; day < DAYS; day++) {
    fixture.service.onToken = OUTAGES[day] ?? ((form) => issuer.redeem(form));
    if (day % 45 === 44) {
      await tokens.stop();
      await fixture.clock.advance(HOUR_MS);
      tokens = fixture.tokens();
      await tokens.start();
    }
    await fixture.clock.advance(8 * HOUR_MS + random() * HOUR_MS);
    for (const [index, name] of names.entries()) {
      const habit = HABITS_DAYS[index]!;
      const outage = OUTAGES[day] ?? OUTAGES[day - 1];
      if ((day + index) % habit === 0) await send(name, habit > 1 || outage !== undefined);
    }
    await fixture.clock.advance(15 * HOUR_MS + random() * 30 * MINUTE_MS);
  }
  await tokens.stop();
  return { ...year, requests: fixture.service.tokenRequests };
}

Deno.test("a year of accounts of every habit, with outages: no valid account ever gets a permanent failure", async () => {
  const { sent, deferred, waited, refused, requests } = await liveAYear();
  assert.deepEqual(refused, []);
  assert.ok(sent > 500, `${sent} sent`);
  assert.ok(deferred < sent / 20, `${deferred} deferred`);
  assert.equal(waited, 0, "daily users wait only after an outage");
  assert.ok(requests < 65_000, `${requests} requests`);
});
