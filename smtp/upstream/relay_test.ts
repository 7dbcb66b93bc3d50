import assert from "node:assert/strict";
import { LoginError, SlowSignIn, SmtpError } from "../protocol/failure.ts";
import { type AllPoolLimits, DEFAULT_POOL_LIMITS } from "./pool.ts";
import { Relay } from "./relay.ts";
import { assertReply } from "../testing/assertions.ts";
import {
  APP_PASSWORD,
  FakeAuthenticator,
  type FakeFailure,
  FakeTokenSource,
  SOME_CLIENT,
} from "../testing/fakes.ts";
import { manualClock, settle } from "../testing/manual_clock.ts";
import { MemoryDialer } from "../testing/memory_network.ts";
import {
  acceptSignIn,
  answerSignIn,
  IMPLICIT_TLS_ACCOUNT,
  leaveSignIn,
} from "../testing/upstream_end.ts";

/** A relay whose upstream a test plays. The conversations themselves are in `testdata/`. */
class RelayFixture implements Disposable {
  readonly clock = manualClock();
  readonly dialer = new MemoryDialer();
  readonly tokens = new FakeTokenSource();
  readonly authenticator = new FakeAuthenticator();
  readonly relay: Relay;

  constructor(poolLimits: Partial<AllPoolLimits> = {}) {
    const { authenticator } = this;
    authenticator.account = IMPLICIT_TLS_ACCOUNT;
    const limits = { ...DEFAULT_POOL_LIMITS, ...poolLimits };
    this.relay = new Relay({
      authenticator,
      tokens: this.tokens,
      dialer: this.dialer,
      greetingName: "proxy.example",
      poolLimits: limits,
      explainRefusal: String,
      observe: () => {},
      clock: this.clock,
    });
  }

  logIn(client = SOME_CLIENT) {
    const credentials = { username: IMPLICIT_TLS_ACCOUNT.mailbox, password: APP_PASSWORD };
    return this.relay.login(credentials, client);
  }

  /** A login that has to sign in upstream. */
  async logInWith(token: string) {
    const login = this.logIn();
    const end = await acceptSignIn(this.dialer, token);
    return { login: await login, end };
  }

  [Symbol.dispose](): void {
  }
}

const GMAIL = { ...SOME_CLIENT, helo: "mail-ed1-f54.google.com" };
const MAIL = { reversePath: "anna@example.com", smtpUtf8: false };
const RECIPIENTS = [{ forwardPath: "bob@example.org" }, { forwardPath: "carol@example.org" }];

Deno.test("Relay.login() signs in upstream once, and not again for the same token", async () => {
  using fixture = new RelayFixture();
  const { end } = await fixture.logInWith("token-1");
  end.transport.close();
  await settle();
  await fixture.logIn();
  assert.deepEqual(fixture.dialer.destinations, []);
});

Deno.test("Relay.prepare() signs in ahead: the first login and the first message find all ready", async () => {
  using fixture = new RelayFixture();
  const prepared = fixture.relay.prepare(IMPLICIT_TLS_ACCOUNT);
  const end = await acceptSignIn(fixture.dialer, "token-1");
  await prepared;
  await fixture.relay.prepare(IMPLICIT_TLS_ACCOUNT);
  const login = await fixture.logIn();
  const transaction = login.open(MAIL).recipients(RECIPIENTS);
  await end.expect("MAIL FROM:<anna@example.com>");
  assert.deepEqual(fixture.dialer.destinations, []);
  transaction.catch(() => {});
});

const NAME_REFUSED = "535 5.7.3 Authentication unsuccessful";
const UNCONFIRMED = {
  ...IMPLICIT_TLS_ACCOUNT,
  signInName: "u1@x.example",
  otherName: "a@x.example",
};

Deno.test("U11: Relay.login() tries the other name of an unconfirmed account once, and stays with it", async () => {
  using fixture = new RelayFixture();
  fixture.authenticator.account = UNCONFIRMED;
  const login = fixture.logIn();
  await answerSignIn(fixture.dialer, "u1@x.example", "token-1", NAME_REFUSED);
  const end = await acceptSignIn(fixture.dialer, "token-1", "a@x.example");
  assert.equal((await login).account.signInName, "a@x.example");
  end.transport.close();
  await settle();
  const transaction = (await fixture.logIn()).open(MAIL).recipients(RECIPIENTS);
  await acceptSignIn(fixture.dialer, "token-1", "a@x.example");
  transaction.catch(() => {});
});

Deno.test("U11: Relay.login() asks for another token when both names are refused, and tries the first", async () => {
  using fixture = new RelayFixture();
  fixture.authenticator.account = UNCONFIRMED;
  const login = assert.rejects(fixture.logIn(), { failure: "refused" });
  await answerSignIn(fixture.dialer, "u1@x.example", "token-1", NAME_REFUSED);
  await answerSignIn(fixture.dialer, "a@x.example", "token-1", NAME_REFUSED);
  await answerSignIn(fixture.dialer, "u1@x.example", "token-2", NAME_REFUSED);
  await login;
  fixture.authenticator.account = {
    ...UNCONFIRMED,
    signInName: "u2@x.example",
    otherName: undefined,
  };
  const corrected = fixture.logIn();
  await acceptSignIn(fixture.dialer, "token-2", "u2@x.example");
  await corrected;
});

Deno.test("U11: Relay.login() tries no other name and no other token after a refusal by a policy", async () => {
  using fixture = new RelayFixture();
  fixture.authenticator.account = UNCONFIRMED;
  const login = assert.rejects(fixture.logIn(), { failure: "refused" });
  const disabled = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled";
  await answerSignIn(fixture.dialer, "u1@x.example", "token-1", disabled);
  await login;
  assert.deepEqual(fixture.dialer.destinations, []);
});

Deno.test("U11: Relay.login() calls a token that ends too soon, twice, a passing fault", async () => {
  using fixture = new RelayFixture();
  fixture.authenticator.account = UNCONFIRMED;
  const login = assert.rejects(fixture.logIn(), { failure: "temporary" });
  await answerSignIn(
    fixture.dialer,
    "u1@x.example",
    "token-1",
    "501 5.5.127 Token will expire soon",
  );
  await answerSignIn(
    fixture.dialer,
    "u1@x.example",
    "token-2",
    "501 5.5.127 Token will expire soon",
  );
  await login;
});

Deno.test("U11: Relay.login() calls nobody refused while another token is waited for", async () => {
  using fixture = new RelayFixture();
  const { tokens } = fixture;
  const give = tokens.accessToken.bind(tokens);
  tokens.accessToken = (account, rejected) =>
    rejected === undefined ? give(account) : new Promise(() => {});
  const login = assert.rejects(fixture.logIn(GMAIL), { failure: "temporary" });
  await answerSignIn(
    fixture.dialer,
    IMPLICIT_TLS_ACCOUNT.signInName,
    "token-1",
    "535 5.7.3 Authentication unsuccessful",
  );
  await fixture.clock.advance(8_000);
  await login;
});

const DISABLED = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled";

/** A login in vain. Returns when the upstream has refused it. */
async function logInInVain(fixture: RelayFixture, token: string, reply: string): Promise<void> {
  const refused = assert.rejects(fixture.logIn(), { failure: "refused" });
  await answerSignIn(fixture.dialer, IMPLICIT_TLS_ACCOUNT.signInName, token, reply);
  await refused;
}

Deno.test("U11: Relay.login() tries a refused account one sign-in at a time", async () => {
  using fixture = new RelayFixture();
  await logInInVain(fixture, "token-1", DISABLED);
  const logins = [fixture.logIn(), fixture.logIn(), fixture.logIn()];
  await settle();
  assert.equal(fixture.dialer.destinations.length, 1);
  await acceptSignIn(fixture.dialer, "token-1");
  await Promise.all(logins);
});

Deno.test("U11: Relay.login() asks for no further token after a refusal, until there is another one", async () => {
  using fixture = new RelayFixture();
  const first = assert.rejects(fixture.logIn(), { failure: "refused" });
  const { signInName } = IMPLICIT_TLS_ACCOUNT;
  await answerSignIn(fixture.dialer, signInName, "token-1", NAME_REFUSED);
  await answerSignIn(fixture.dialer, signInName, "token-2", NAME_REFUSED);
  await first;
  await logInInVain(fixture, "token-2", NAME_REFUSED);
  assert.equal(fixture.tokens.token, "token-2");
  await fixture.tokens.accessToken(IMPLICIT_TLS_ACCOUNT, "token-2");
  const last = assert.rejects(fixture.logIn(), { failure: "refused" });
  await answerSignIn(fixture.dialer, signInName, "token-3", NAME_REFUSED);
  await answerSignIn(fixture.dialer, signInName, "token-4", NAME_REFUSED);
  await last;
});

Deno.test("U11: Relay.login() proves an account anew that was refused for a message", async () => {
  using fixture = new RelayFixture();
  const { login, end } = await fixture.logInWith("token-1");
  end.transport.close();
  await settle();
  const replies = login.open(MAIL).recipients(RECIPIENTS);
  await answerSignIn(fixture.dialer, IMPLICIT_TLS_ACCOUNT.signInName, "token-1", DISABLED);
  assertReply((await replies)[0]!, "530 5.7.139");
  await logInInVain(fixture, "token-1", DISABLED);
});

Deno.test("U1: Relay.login() leaves in the log what a slow sign-in has waited for", async () => {
  using fixture = new RelayFixture();
  const slow = assert.rejects(
    fixture.logIn(),
    (error: Error) =>
      error instanceof LoginError && error.cause instanceof SlowSignIn &&
      error.cause.message === "after 30 s the sign-in was still waiting for the reply to AUTH",
  );
  await fixture.clock.advance(5_000);
  await leaveSignIn(fixture.dialer, "token-1");
  await fixture.clock.advance(26_000);
  await slow;
});

/** Logs in as a client that waits for eight seconds alone, and is told so. */
async function logInTooSlowly(fixture: RelayFixture): Promise<void> {
  const slow = assert.rejects(fixture.logIn(GMAIL), { failure: "temporary" });
  await fixture.clock.advance(8_000);
  await slow;
}

Deno.test("U1: Relay.login() succeeds by whichever sign-in is answered first, the one that seemed to hang or a new one", async () => {
  for (const answered of [0, 1]) {
    using fixture = new RelayFixture();
    const earlier = fixture.logIn();
    await fixture.clock.advance(9_000);
    const later = fixture.logIn();
    await settle();
    assert.equal(fixture.dialer.destinations.length, 2);
    if (answered === 1) fixture.dialer.accept();
    await acceptSignIn(fixture.dialer, "token-1");
    await Promise.all([earlier, later]);
  }
});

Deno.test("U1: Relay.login() has two sign-ins of a mailbox under way at most, and gives the oldest up", async () => {
  for (const connectionsPerMailbox of [1, 2, 3]) {
    using fixture = new RelayFixture({ connectionsPerMailbox });
    for (let count = 0; count < 5; count++) await logInTooSlowly(fixture);
    const { inUse, waiting } = fixture.relay.counts;
    assert(inUse <= Math.min(2, connectionsPerMailbox), `${inUse} in use`);
    assert.equal(waiting, 0);
  }
});

Deno.test("U10: Relay.login() joins a sign-in that waits for room in the mailbox: it does not hang", async () => {
  using fixture = new RelayFixture();
  const logins = [fixture.logIn()];
  const { signInName } = IMPLICIT_TLS_ACCOUNT;
  for (const seconds of [1, 2, 4, 8]) {
    await answerSignIn(fixture.dialer, signInName, "token-1", "432 4.3.2 Concurrent connections");
    await fixture.clock.advance(seconds * 500);
    logins.push(fixture.logIn());
    await fixture.clock.advance(seconds * 500);
  }
  assert.equal(fixture.dialer.destinations.length, 1);
  await acceptSignIn(fixture.dialer, "token-1");
  await Promise.all(logins);
});

Deno.test("T1: Relay.login() trusts a warm connection although the token has changed", async () => {
  using fixture = new RelayFixture();
  await fixture.logInWith("token-1");
  await fixture.tokens.accessToken(IMPLICIT_TLS_ACCOUNT, "token-1");
  await fixture.logIn();
  assert.deepEqual(fixture.dialer.destinations, []);
});

Deno.test("Relay.login() signs in again when the token has changed and no connection is warm", async () => {
  using fixture = new RelayFixture();
  const { end } = await fixture.logInWith("token-1");
  end.transport.close();
  await settle();
  await fixture.tokens.accessToken(IMPLICIT_TLS_ACCOUNT, "token-1");
  await fixture.logInWith("token-2");
});

Deno.test("K4: Relay.drop() hangs up the account's connections, and the next login has to prove itself", async () => {
  using fixture = new RelayFixture();
  const { end } = await fixture.logInWith("token-1");
  fixture.relay.drop(IMPLICIT_TLS_ACCOUNT.id);
  await end.answer("QUIT", "221 Bye");
  assert(await end.isClosed());
  await fixture.logInWith("token-1");
});

Deno.test("U10: Relay.login() is temporary when all connections of the mailbox are in use", async () => {
  using fixture = new RelayFixture({ connectionsPerMailbox: 1, queueTimeoutSeconds: 5 });
  const { login, end } = await fixture.logInWith("token-1");
  const recipients = login.open(MAIL).recipients(RECIPIENTS);
  await settle();
  fixture.relay.drop(IMPLICIT_TLS_ACCOUNT.id);
  const second = assert.rejects(
    fixture.logIn(),
    (error) => error instanceof SmtpError && error.reply.transient,
  );
  await fixture.clock.advance(6_000);
  await second;
  end.say("250 Sender OK", "250 Bob OK", "250 Carol OK");
  assert.equal((await recipients).length, 2);
});

/** How a token can fail between the login and its transaction, and what the recipients are told. */
const LATE_FAILURES: readonly [failure: FakeFailure, reply: string][] = [
  ["temporary", "451 4.7.0 The login is temporary"],
  ["throttled", "451 4.7.0 The login is throttled"],
  ["sign-in-required", "530 5.7.0 The login is sign-in-required"],
  ["refused", "530 5.7.0 The login is refused"],
  ["crash", "451 4.3.0 Local error"],
];

for (const [failure, expected] of LATE_FAILURES) {
  Deno.test(`T5: a token that is ${failure} after the login is the answer to each recipient`, async () => {
    using fixture = new RelayFixture();
    const { login, end } = await fixture.logInWith("token-1");
    end.transport.close();
    await settle();
    fixture.tokens.failure = failure;
    const replies = await login.open(MAIL).recipients(RECIPIENTS);
    assert.equal(replies.length, 2);
    for (const reply of replies) assertReply(reply, expected);
  });
}
