import assert from "node:assert/strict";
import {
  type Account,
  type Authenticator,
  type ClientInfo,
  type Credentials,
  LoginError,
} from "../../smtp/mod.ts";
import type { LoginFailure } from "../../smtp/protocol/failure.ts";
import { MINUTE_MS } from "../base/mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { generateAppPassword } from "./app_passwords.ts";
import { type LoginEvent, LoginThrottle, type SharedFailures } from "./login_throttle.ts";
import { settle } from "../testing/settle.ts";

const REFUSAL_MS = 500;
const ATTACKER = "203.0.113.66";
const OWNER = "192.0.2.10";
const CLIENT: ClientInfo = { sessionId: "1", address: OWNER, secure: true, helo: "" };

const ACCOUNT: Account = {
  id: "account-1",
  mailbox: "anna@example.com",
  signInName: "anna@example.com",
  target: { host: "upstream.example", port: 587, tls: "starttls" },
  appPasswordId: "password-1",
};

/** Also a right password of the one user. */
const UNGUESSABLE = generateAppPassword();

/** Knows one user, and counts how often it is asked. */
class FakeAuthenticator implements Authenticator {
  callCount = 0;
  failure: LoginFailure = "invalid";
  /** The time that an answer takes. */
  workMs = 0;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  async authenticate({ username, password }: Credentials): Promise<Account> {
    this.callCount++;
    if (this.workMs > 0) {
      await new Promise<void>((resolve) => this.#clock.setTimer(this.workMs, resolve));
    }
    const right = password === "right" || password === UNGUESSABLE;
    if (username.toLowerCase() === "anna" && right) return ACCOUNT;
    throw new LoginError(this.failure, `The login is ${this.failure}`);
  }
}

class ThrottleFixture {
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1), settle);
  readonly authenticator = new FakeAuthenticator(this.clock);
  readonly throttle = new LoginThrottle({ authenticator: this.authenticator, clock: this.clock });

  /** Tries to log in, and lets the time of a refusal pass. */
  async logIn(address: string, username: string, password: string): Promise<LoginFailure | "ok"> {
    const client = { ...CLIENT, address };
    const outcome = this.throttle.authenticate({ username, password }, client).then(
      () => "ok" as const,
      (error: LoginError) => error.failure,
    );
    await this.clock.advance(REFUSAL_MS);
    return await outcome;
  }

  /** Fails with another password each time. */
  async guess(address: string, count: number, username = "anna"): Promise<LoginFailure | "ok"> {
    let outcome: LoginFailure | "ok" = "ok";
    for (let number = 0; number < count; number++) {
      outcome = await this.logIn(address, username, `guess ${this.clock.now()}`);
    }
    return outcome;
  }
}

Deno.test("S19: an app password is never refused for what others at the same address do", async () => {
  const fixture = new ThrottleFixture();
  for (let minute = 0; minute < 90; minute++) {
    await fixture.guess(OWNER, 20);
    for (let number = 0; number < 5; number++) await fixture.guess(OWNER, 1, `user${number}`);
    assert.equal(await fixture.logIn(OWNER, "anna", UNGUESSABLE), "ok");
  }
});

Deno.test("S19: a wrong app password is throttled like any other, and an owner's login ends no delay", async () => {
  const fixture = new ThrottleFixture();
  await fixture.guess(OWNER, 8);
  for (let count = 0; count < 8; count++) {
    assert.equal(await fixture.logIn(OWNER, "anna", UNGUESSABLE), "ok");
    assert.equal(await fixture.logIn(OWNER, "anna", generateAppPassword()), "throttled");
    await fixture.guess(OWNER, 2);
  }
});

Deno.test("S19: guesses from many networks of one customer are throttled", async () => {
  const fixture = new ThrottleFixture();
  const outcomes: string[] = [];
  for (let subnet = 0; subnet < 400; subnet++) {
    const address = `2001:db8:1:${subnet.toString(16)}::1`;
    outcomes.push(await fixture.logIn(address, `user${subnet}`, `guess ${subnet}`));
  }
  assert.ok(outcomes.filter((outcome) => outcome === "invalid").length < 100);
  assert.equal(await fixture.logIn("2001:db8:1:ffff::1", "anna", UNGUESSABLE), "ok");
  assert.equal(await fixture.logIn("2001:db8:2::1", "anna", "right"), "ok");
});

Deno.test("S19: guesses are throttled in total, wherever they come from", async () => {
  const fixture = new ThrottleFixture();
  const guesses = Array.from({ length: 6000 }, (_, number) => {
    const client = { ...CLIENT, address: `10.${number >> 8}.${number & 0xff}.1` };
    const credentials = { username: `user${number}`, password: `guess ${number}` };
    return fixture.throttle.authenticate(credentials, client)
      .catch((error: LoginError) => error.failure);
  });
  await fixture.clock.advance(REFUSAL_MS);
  await Promise.all(guesses);
  assert.equal(await fixture.logIn(OWNER, "carl", "guess"), "throttled");
  assert.equal(await fixture.logIn(OWNER, "anna", UNGUESSABLE), "ok");
});

Deno.test("S19: guesses at one account are throttled, without a look at the password", async () => {
  const fixture = new ThrottleFixture();
  assert.equal(await fixture.guess(ATTACKER, 8), "throttled");
  const { callCount } = fixture.authenticator;
  assert.equal(await fixture.logIn(ATTACKER, "anna", "right"), "throttled");
  assert.equal(await fixture.logIn(ATTACKER, " ANNA ", "right"), "throttled");
  assert.equal(fixture.authenticator.callCount, callCount);
});

Deno.test("S19: one password tried on many accounts is throttled by the address", async () => {
  const fixture = new ThrottleFixture();
  const triesPerHour = 60 * MINUTE_MS / REFUSAL_MS;
  for (let number = 0; number < triesPerHour; number++) {
    await fixture.logIn(ATTACKER, `user${number}`, "Spring2026");
  }
  assert.equal(fixture.authenticator.callCount, 39);
});

Deno.test("S19: throttling counts an IPv6 /64 as one address", async () => {
  const fixture = new ThrottleFixture();
  for (let host = 1; host < 9; host++) await fixture.guess(`2001:db8:0:1::${host}`, 1);
  assert.equal(await fixture.logIn("2001:db8:0:1:ffff::1", "anna", "right"), "throttled");
  assert.equal(await fixture.logIn("2001:db8:0:2::1", "anna", "right"), "ok");
});

Deno.test("S19: an owner gets in at once while somebody guesses at the account from elsewhere", async () => {
  const fixture = new ThrottleFixture();
  for (let host = 1; host < 200; host++) await fixture.guess(`203.0.113.${host}`, 8);
  assert.equal(await fixture.logIn(OWNER, "anna", "right"), "ok");
});

Deno.test("S19: an owner who has logged in before gets in while others at the same address fail", async () => {
  const fixture = new ThrottleFixture();
  assert.equal(await fixture.logIn(OWNER, "anna", "right"), "ok");
  for (let number = 0; number < 50; number++) await fixture.guess(OWNER, 1, `user${number}`);
  assert.equal(await fixture.logIn(OWNER, "anna", "right"), "ok");
  assert.equal(await fixture.logIn(OWNER, "bert", "right"), "throttled");
});

Deno.test("S19: a device with an old password does not hold up the others", async () => {
  const fixture = new ThrottleFixture();
  for (let count = 0; count < 50; count++) {
    assert.equal(await fixture.logIn(OWNER, "anna", "old password"), "invalid");
  }
  assert.equal(await fixture.logIn(OWNER, "anna", "right"), "ok");
});

Deno.test("S19: a success takes an owner's own failures back, and nobody else's", async () => {
  const fixture = new ThrottleFixture();
  for (let round = 0; round < 10; round++) {
    await fixture.guess(OWNER, 4);
    assert.equal(await fixture.logIn(OWNER, "anna", "right"), "ok");
  }
  for (let number = 0; number < 30; number++) {
    await fixture.guess(ATTACKER, 1, `user${number}`);
    await fixture.logIn(ATTACKER, "anna", "right");
  }
  assert.equal(await fixture.logIn(ATTACKER, "carl", "right"), "throttled");
});

Deno.test("S19: a delay ends by itself", async () => {
  const fixture = new ThrottleFixture();
  assert.equal(await fixture.guess(ATTACKER, 8), "throttled");
  await fixture.clock.advance(5 * MINUTE_MS);
  assert.equal(await fixture.logIn(ATTACKER, "anna", "right"), "ok");
});

Deno.test("S20: a refusal takes the same time, however long it took to find out", async () => {
  for (const workMs of [0, 50, REFUSAL_MS - 1]) {
    const fixture = new ThrottleFixture();
    fixture.authenticator.workMs = workMs;
    const startedMs = fixture.clock.now();
    let refusedMs: number | undefined;
    const refused = fixture.throttle.authenticate({ username: "anna", password: "wrong" }, CLIENT)
      .catch(() => refusedMs = fixture.clock.now());
    await fixture.clock.advance(REFUSAL_MS);
    await refused;
    assert.equal(refusedMs, startedMs + REFUSAL_MS);
  }
});

for (const failure of ["temporary", "sign-in-required", "refused"] as const) {
  Deno.test(`S19: a login that is ${failure} is no guess`, async () => {
    const fixture = new ThrottleFixture();
    fixture.authenticator.failure = failure;
    for (let count = 0; count < 50; count++) {
      assert.equal(await fixture.guess(OWNER, 1, `user${count}`), failure);
    }
  });
}

Deno.test("LoginThrottle passes unexpected errors on", async () => {
  const error = new Error("something broke");
  const authenticator: Authenticator = { authenticate: () => Promise.reject(error) };
  const throttle = new LoginThrottle({ authenticator, clock: new ManualClock(0) });
  await assert.rejects(throttle.authenticate({ username: "a", password: "b" }, CLIENT), error);
});

Deno.test("R3: LoginThrottle counts the failures of other replicas, without any name or password in what it tells", async () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 1), settle);
  const told: LoginEvent[] = [];
  const listeners: ((event: LoginEvent) => void)[] = [];
  const create = () => {
    const authenticator = new FakeAuthenticator(clock);
    const shared: SharedFailures = {
      key: new Uint8Array(32).fill(7),
      publish: (event) => void told.push(event),
      onEvent: (listener) => void listeners.push(listener),
    };
    return new LoginThrottle({ authenticator, clock, shared });
  };
  const guess = async (throttle: LoginThrottle, password: string) => {
    const answer = throttle.authenticate(
      { mechanism: "PLAIN", username: "anna", password } as Credentials,
      { ...CLIENT, address: ATTACKER },
    ).then(() => "in", (error: LoginError) => error.failure);
    await clock.advance(REFUSAL_MS);
    return await answer;
  };
  const [one, other] = [create(), create()];
  for (let count = 0; count < 5; count++) {
    assert.equal(await guess(one, `guess ${count}`), "invalid");
  }
  assert.equal(await guess(one, "right"), "throttled");
  assert.equal(await guess(other, "right"), "in");
  assert.doesNotMatch(JSON.stringify(told), /anna|guess|203\.0\.113/);

  const third = create();
  for (const event of told.slice(0, 5)) listeners[2]!(event);
  assert.equal(await guess(third, "right"), "throttled");
});
