import assert from "node:assert/strict";
import { LoginError } from "../../smtp/mod.ts";
import type { LoginFailure } from "../../smtp/protocol/failure.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import type { MicrosoftError } from "../microsoft/mod.ts";
import { StoreError } from "../store/store.ts";
import { json, oauthError, OBJECT_ID } from "../testing/identity_service.ts";
import { settle } from "../testing/settle.ts";
import { account, START_MS, TokensFixture } from "../testing/tokens_fixture.ts";

const NORA = account("nora");
const OFFICE = account("office");
const WORK_TENANT_ID = "22222222-2222-4222-8222-222222222222";
const EXPIRED = { accessTokenExpiresAtMs: START_MS - HOUR_MS };

function fails(failure: LoginFailure, text?: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof LoginError, String(error));
    assert.equal(error.failure, failure, error.reply.text);
    if (text) assert.match(error.reply.text, text);
    return true;
  };
}

function kinds({ alerts }: TokensFixture): string[] {
  return alerts.current().map(({ kind }) => kind);
}

Deno.test("accessToken() gives a stored token without asking Microsoft", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS);
  assert.equal(await fixture.tokens().accessToken(NORA), "first-access-nora");
  assert.equal(fixture.service.tokenRequests, 0);
});

Deno.test("accessToken() fetches another token for one that ends within ten minutes", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, {
    accessTokenExpiresAtMs: START_MS + 9 * MINUTE_MS,
    obtainedAtMs: START_MS - HOUR_MS,
  });
  assert.equal(await fixture.tokens().accessToken(NORA), "access-1");
});

Deno.test("T2: 200 logins with one expired token cause one refresh", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  const tokens = fixture.tokens();
  const logins = Array.from({ length: 200 }, () => tokens.accessToken(NORA));
  assert.deepEqual(new Set(await Promise.all(logins)), new Set(["access-1"]));
  assert.equal(fixture.service.tokenRequests, 1);
  assert.equal(fixture.database.stored.get("nora")?.tokens.refreshToken, "refresh-1");
});

Deno.test("T3: new tokens are stored before they are used", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  const stored = Promise.withResolvers<void>();
  fixture.database.beforeWrite = () => stored.promise;
  let given = false;
  const token = fixture.tokens().accessToken(NORA).then((token) => (given = true, token));
  await settle();
  assert.equal(fixture.service.tokenRequests, 1);
  assert.equal(given, false);
  stored.resolve();
  assert.equal(await token, "access-1");
});

Deno.test("T3: killed between the response and its storage, the next start works with the old token", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  fixture.database.beforeWrite = () => new Promise(() => {});
  void fixture.tokens().accessToken(NORA);
  await settle();
  assert.equal(fixture.service.tokenRequests, 1);

  fixture.database.beforeWrite = () => {};
  const used: (string | null)[] = [];
  fixture.service.onToken = (
    form,
  ) => (used.push(form.get("refresh_token")), fixture.service.tokens());
  assert.equal(await fixture.tokens().accessToken(NORA), "access-2");
  assert.deepEqual(used, ["first-refresh-nora"]);
});

Deno.test("T3, D1: a database that cannot be written stops nobody, and catches up", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  fixture.database.beforeWrite = () => {
    throw new StoreError("full", "the disk is full");
  };
  const tokens = fixture.tokens();
  assert.equal(await tokens.accessToken(NORA), "access-1");
  assert.equal(await tokens.accessToken(NORA), "access-1");
  assert.deepEqual(kinds(fixture), ["store-failing"]);
  assert.equal(fixture.database.stored.get("nora")?.tokens.refreshToken, "first-refresh-nora");

  fixture.database.beforeWrite = () => {};
  await tokens.stop();
  assert.equal(fixture.database.stored.get("nora")?.tokens.refreshToken, "refresh-1");
  assert.deepEqual(kinds(fixture), []);
});

Deno.test("T3: a refresh token that could not be stored is tried when the stored one is dead", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  fixture.database.beforeWrite = () => {
    throw new StoreError("full", "the disk is full");
  };
  const tokens = fixture.tokens();
  await tokens.accessToken(NORA);
  const used: (string | null)[] = [];
  fixture.service.onToken = (form) => {
    used.push(form.get("refresh_token"));
    return used.length === 1 ? oauthError("invalid_grant", 70000) : fixture.service.tokens();
  };
  await fixture.clock.advance(45 * MINUTE_MS);
  assert.equal(await tokens.accessToken(NORA), "access-2");
  assert.deepEqual(used, ["first-refresh-nora", "refresh-1"]);
  assert.equal(fixture.database.records.get("nora")?.state, "active");
  await tokens.stop();
});

Deno.test("T3: the refresh token before the last is tried when the last one is dead", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  const first = fixture.tokens();
  await first.accessToken(NORA);
  await first.stop();
  const used: (string | null)[] = [];
  fixture.service.onToken = (form) => {
    used.push(form.get("refresh_token"));
    return used.length === 1 ? oauthError("invalid_grant", 70000) : fixture.service.tokens();
  };
  await fixture.clock.advance(2 * HOUR_MS);
  const second = fixture.tokens();
  assert.equal(await second.accessToken(NORA), "access-2");
  assert.deepEqual(used, ["refresh-1", "first-refresh-nora"]);
  assert.equal(fixture.database.records.get("nora")?.state, "active");
  await second.stop();
});

Deno.test("T4: while the token endpoint fails, a valid token is used", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS);
  fixture.service.onToken = () => json({}, 503);
  const tokens = fixture.tokens();
  await tokens.start();
  for (let minute = 0; minute < 58; minute++) {
    assert.equal(await tokens.accessToken(NORA), "first-access-nora");
    await fixture.clock.advance(MINUTE_MS);
  }
  assert.ok(fixture.service.tokenRequests > 0);
  await fixture.clock.advance(2 * MINUTE_MS);
  await assert.rejects(tokens.accessToken(NORA), fails("temporary"));
  assert.equal(fixture.database.records.get("nora")?.state, "active");

  fixture.service.onToken = () => fixture.service.tokens();
  await fixture.clock.advance(2 * MINUTE_MS);
  assert.equal(await tokens.accessToken(NORA), "access-1");
  assert.equal(tokens.status("nora")?.state, "ok");
  await tokens.stop();
});

Deno.test("T4: a login does not wait for a slow token endpoint longer than a client does", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  const slow = Promise.withResolvers<Response>();
  fixture.service.onToken = () => slow.promise;
  const tokens = fixture.tokens();
  const refused = assert.rejects(tokens.accessToken(NORA), fails("temporary"));
  await fixture.clock.advance(5 * SECOND_MS);
  await refused;
  slow.resolve(fixture.service.tokens());
  await settle();
  assert.equal(await tokens.accessToken(NORA), "access-1");
  assert.equal(fixture.service.tokenRequests, 1);
  await tokens.stop();
});

Deno.test("T5: Retry-After is honoured, for every account of the registration", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  fixture.database.add("paul", START_MS, EXPIRED);
  fixture.service.onToken = () => json({ error: "busy" }, 429, { "retry-after": "600" });
  const tokens = fixture.tokens();
  await assert.rejects(tokens.accessToken(NORA), fails("temporary"));
  await fixture.clock.advance(9 * MINUTE_MS);
  await assert.rejects(tokens.accessToken(NORA), fails("temporary"));
  await assert.rejects(tokens.accessToken(account("paul")), fails("temporary"));
  assert.equal(fixture.service.tokenRequests, 1);
  fixture.service.onToken = () => fixture.service.tokens();
  await fixture.clock.advance(MINUTE_MS + SECOND_MS);
  assert.equal(await tokens.accessToken(account("paul")), "access-1");
  await tokens.stop();
});

/** A fixture with Nora's personal account and an office's work account, both in need of a token. */
function twoOrganisations(): TokensFixture {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  const office = fixture.database.add("office", START_MS, EXPIRED);
  fixture.database.records.set("office", { ...office, tenantId: WORK_TENANT_ID });
  return fixture;
}

/** Lets the token endpoint answer like this where the office's refresh token is shown. */
function failForOffice(fixture: TokensFixture, answer: () => Response): string[] {
  const requests: string[] = [];
  fixture.service.onToken = (form) => {
    const refreshToken = form.get("refresh_token")!;
    requests.push(refreshToken);
    return refreshToken === "first-refresh-office" ? answer() : fixture.service.tokens();
  };
  return requests;
}

Deno.test("T5: trouble for one organisation stops no other", async (t) => {
  const troubles: Record<string, () => Response> = {
    "the app was removed": () => oauthError("unauthorized_client", 700016),
    "the app is disabled": () => oauthError("unauthorized_client", 7000112),
    "no service principal": () => oauthError("invalid_client", 7000229, 401),
    "an unknown number": () => oauthError("invalid_client", 1234567, 401),
    "429": () => json({ error: "busy" }, 429, { "retry-after": "600" }),
    "503": () => json({}, 503),
  };
  for (const [name, answer] of Object.entries(troubles)) {
    await t.step(name, async () => {
      const fixture = twoOrganisations();
      const requests = failForOffice(fixture, answer);
      const tokens = fixture.tokens();
      await assert.rejects(tokens.accessToken(OFFICE), fails("temporary"));
      assert.equal(await tokens.accessToken(NORA), "access-1");
      await assert.rejects(tokens.accessToken(OFFICE), fails("temporary"));
      assert.deepEqual(requests, ["first-refresh-office", "first-refresh-nora"]);
      assert.equal(fixture.database.records.get("office")?.state, "active");
      await tokens.stop();
    });
  }
});

Deno.test("an app that is refused by one organisation is an alert about that organisation", async () => {
  const fixture = twoOrganisations();
  failForOffice(fixture, () => oauthError("unauthorized_client", 700016));
  const tokens = fixture.tokens();
  await assert.rejects(tokens.accessToken(OFFICE), fails("temporary", /AADSTS700016/));
  await tokens.accessToken(NORA);
  const [alert, ...others] = fixture.alerts.current();
  assert.deepEqual(others, []);
  assert.equal(alert?.kind, "tenant-refused");
  assert.match(alert!.text, new RegExp(`${WORK_TENANT_ID}.*Something in English`));
  fixture.service.onToken = () => fixture.service.tokens();
  await fixture.clock.advance(MINUTE_MS);
  await tokens.accessToken(OFFICE);
  assert.deepEqual(kinds(fixture), []);
  await tokens.stop();
});

Deno.test("T5: an account's own trouble stays with the account", async (t) => {
  const troubles: Record<string, () => Response> = {
    "locked": () => oauthError("invalid_grant", 50053),
    "a loop": () => oauthError("invalid_grant", 50196),
    "refused": () => oauthError("invalid_request", 900144),
  };
  for (const [name, answer] of Object.entries(troubles)) {
    await t.step(name, async () => {
      const fixture = new TokensFixture();
      for (const id of ["office", "nora"]) fixture.database.add(id, START_MS, EXPIRED);
      failForOffice(fixture, answer);
      const tokens = fixture.tokens();
      await assert.rejects(tokens.accessToken(OFFICE), fails("temporary"));
      assert.equal(await tokens.accessToken(NORA), "access-1");
      await tokens.stop();
    });
  }
});

Deno.test("T5: a refused client secret, or the network, stops the registration as a whole", async (t) => {
  const troubles: Record<string, () => Response | Promise<Response>> = {
    "the secret": () => oauthError("invalid_client", 7000222, 401),
    "a certificate": () => oauthError("invalid_client", 700027, 401),
    "the network": () => Promise.reject(new TypeError("connection reset")),
  };
  for (const [name, answer] of Object.entries(troubles)) {
    await t.step(name, async () => {
      const fixture = twoOrganisations();
      fixture.service.onToken = answer;
      const tokens = fixture.tokens();
      await assert.rejects(tokens.accessToken(OFFICE), fails("temporary"));
      await assert.rejects(tokens.accessToken(NORA), fails("temporary"));
      assert.equal(fixture.service.tokenRequests, 1);
      await tokens.stop();
    });
  }
});

Deno.test("T4: a renewal that hangs is given up for those who come after it", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  fixture.service.onToken = () => new Promise(() => {});
  const tokens = fixture.tokens();
  const refused = assert.rejects(
    tokens.accessToken(NORA),
    (error: Error) =>
      fails("temporary")(error) && (error.cause as MicrosoftError).fault === "sign-in-service",
  );
  await fixture.clock.advance(5 * SECOND_MS);
  await refused;
  fixture.service.onToken = () => fixture.service.tokens();
  assert.equal(await tokens.accessToken(NORA), "access-1");
  await fixture.clock.advance(10 * SECOND_MS);
  assert.equal(tokens.status("nora")?.state, "ok");
  assert.equal(await tokens.accessToken(NORA), "access-1");
  await tokens.stop();
  assert.equal(fixture.clock.timers, 0);
});

Deno.test("T4: nobody waits long behind a probe that hangs", async () => {
  const fixture = twoOrganisations();
  fixture.service.onToken = () => Promise.reject(new TypeError("connection reset"));
  const tokens = fixture.tokens();
  await assert.rejects(tokens.accessToken(NORA), fails("temporary"));
  await fixture.clock.advance(2 * SECOND_MS);
  fixture.service.onToken = () => new Promise(() => {});
  const probe = assert.rejects(tokens.accessToken(NORA), fails("temporary"));
  await settle();
  const next = assert.rejects(tokens.accessToken(OFFICE), fails("temporary"));
  await fixture.clock.advance(3 * SECOND_MS);
  await next;
  await fixture.clock.advance(10 * SECOND_MS);
  await probe;
  await tokens.stop();
});

Deno.test("T4: a login waits five seconds for a token, and the next one asks again for one that does not come", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  fixture.service.onToken = () => new Promise(() => {});
  const tokens = fixture.tokens();
  const first = assert.rejects(tokens.accessToken(NORA), fails("temporary"));
  await fixture.clock.advance(5 * SECOND_MS);
  await first;
  const answer = Promise.withResolvers<Response>();
  fixture.service.onToken = () => answer.promise;
  const second = tokens.accessToken(NORA);
  await fixture.clock.advance(4 * SECOND_MS);
  answer.resolve(fixture.service.tokens());
  assert.equal(await second, "access-1");
  await tokens.stop();
});

Deno.test("T5: 50 accounts and their clients do not hammer a token endpoint that is down for an hour", async () => {
  const fixture = new TokensFixture();
  const names = Array.from({ length: 50 }, (_, index) => `account-${index}`);
  for (const name of names) fixture.database.add(name, START_MS, EXPIRED);
  fixture.service.onToken = () => json({}, 503);
  const tokens = fixture.tokens();
  await tokens.start();
  for (let minute = 0; minute < 60; minute++) {
    await Promise.allSettled(names.map((name) => tokens.accessToken(account(name))));
    await fixture.clock.advance(MINUTE_MS);
  }
  assert.ok(fixture.service.tokenRequests < 250, `${fixture.service.tokenRequests} requests`);
  assert.deepEqual(kinds(fixture), ["identity-service-unreachable"]);

  fixture.service.onToken = () => fixture.service.tokens();
  await fixture.clock.advance(3 * MINUTE_MS);
  await Promise.all(names.map((name) => tokens.accessToken(account(name))));
  assert.deepEqual(kinds(fixture), []);
  await tokens.stop();
});

Deno.test("T5: an account whose sign-in is dead is marked, told so, and not asked for again", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  fixture.service.onToken = () => oauthError("invalid_grant", 50173);
  const tokens = fixture.tokens();
  for (let attempt = 0; attempt < 3; attempt++) {
    await assert.rejects(
      tokens.accessToken(NORA),
      fails("sign-in-required", /Sign in .* at https:\/\/mail\.example\/ .*AADSTS50173/),
    );
    await fixture.clock.advance(DAY_MS);
  }
  assert.equal(fixture.service.tokenRequests, 1);
  const { stateReason } = fixture.database.records.get("nora")!;
  assert.equal(stateReason, "AADSTS50173 (invalid_grant): Something in English.");
  assert.deepEqual(kinds(fixture), ["sign-in-required"]);
  assert.equal(tokens.status("nora")?.state, "sign-in-required");
  await tokens.stop();
});

Deno.test("an account that only an administrator can help is not sent to sign in again", async () => {
  const fixture = new TokensFixture();
  const record = fixture.database.add("nora", START_MS, EXPIRED);
  fixture.database.records.set("nora", { ...record, tenantId: WORK_TENANT_ID });
  fixture.service.onToken = () => oauthError("invalid_grant", 530035);
  const tokens = fixture.tokens();
  await assert.rejects(
    tokens.accessToken(NORA),
    fails("sign-in-required", /^Ask the administrator of your organisation - .*AADSTS530035/),
  );
  const [alert] = fixture.alerts.current();
  assert.match(alert!.text, /administrator .*Something in English\./);
  assert.equal(alert!.fixer, "tenant-admin");
  await tokens.stop();
});

Deno.test("T5: no hammering either when the database cannot note that the sign-in is dead", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  fixture.service.onToken = () => oauthError("invalid_grant", 50173);
  fixture.database.beforeWrite = () => {
    throw new StoreError("read-only", "the file is read-only");
  };
  const tokens = fixture.tokens();
  await assert.rejects(tokens.accessToken(NORA), fails("sign-in-required"));
  await assert.rejects(tokens.accessToken(NORA), fails("sign-in-required"));
  assert.equal(fixture.service.tokenRequests, 1);
});

Deno.test("a sign-in by another process is found, before and after the refusal", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  const renewed = {
    accessToken: "from the command line",
    accessTokenExpiresAtMs: START_MS + HOUR_MS,
    refreshToken: "r",
    obtainedAtMs: START_MS,
  };
  fixture.service.onToken = () => {
    fixture.database.put("nora", renewed, 2);
    return oauthError("invalid_grant", 70008);
  };
  const tokens = fixture.tokens();
  assert.equal(await tokens.accessToken(NORA), "from the command line");
  assert.equal(fixture.database.records.get("nora")?.state, "active");

  fixture.service.onToken = () => oauthError("invalid_grant", 70008);
  await assert.rejects(
    tokens.accessToken(NORA, "from the command line"),
    fails("sign-in-required"),
  );
  fixture.database.add("nora", START_MS);
  assert.equal(await tokens.accessToken(NORA), "first-access-nora");
  await tokens.stop();
});

Deno.test("a refresh that another process was faster with is not stored over the other's", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  const other = {
    accessToken: "the other's",
    accessTokenExpiresAtMs: START_MS + HOUR_MS,
    refreshToken: "r",
    obtainedAtMs: START_MS,
  };
  fixture.service.onToken = () => {
    fixture.database.put("nora", other, 2);
    return fixture.service.tokens();
  };
  assert.equal(await fixture.tokens().accessToken(NORA), "the other's");
  assert.equal(fixture.database.stored.get("nora")?.tokens, other);
});

Deno.test("a refresh corrects the names of the account that its id_token is about", async () => {
  const fixture = new TokensFixture();
  fixture.database.add(OBJECT_ID, START_MS, EXPIRED);
  const other = fixture.database.add("other", START_MS, EXPIRED);
  const { service } = fixture;
  const claims = { preferred_username: "u4711@corp.example", email: "new@corp.example" };
  const id_token = await service.idToken(claims);
  service.onToken = () => service.tokens({ id_token });
  const tokens = fixture.tokens();
  await tokens.accessToken(account(OBJECT_ID));
  await tokens.accessToken(account("other"));
  const { signInName, email } = fixture.database.records.get(OBJECT_ID)!;
  assert.deepEqual([signInName, email], ["u4711@corp.example", "new@corp.example"]);
  assert.equal(fixture.database.records.get("other")?.signInName, other.signInName);
  await tokens.stop();
});

Deno.test("U11: a refused token is replaced once, however many sessions complain", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, { obtainedAtMs: START_MS - HOUR_MS });
  const tokens = fixture.tokens();
  const first = await tokens.accessToken(NORA);
  const complaints = Array.from({ length: 20 }, () => tokens.accessToken(NORA, first));
  assert.deepEqual(new Set(await Promise.all(complaints)), new Set(["access-1"]));
  assert.equal(await tokens.accessToken(NORA, first), "access-1");
  assert.equal(fixture.service.tokenRequests, 1);
});

Deno.test("U11: a token that is refused as soon as it was issued is not replaced at once", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  const tokens = fixture.tokens();
  const token = await tokens.accessToken(NORA);
  assert.equal(await tokens.accessToken(NORA, token), token);
  assert.equal(fixture.service.tokenRequests, 1);
  await fixture.clock.advance(MINUTE_MS);
  assert.equal(await tokens.accessToken(NORA, token), "access-2");
  await tokens.stop();
});

Deno.test("T4, U11: a refused token is not handed out again when there is no other", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS);
  fixture.service.onToken = () => json({}, 500);
  const tokens = fixture.tokens();
  await assert.rejects(tokens.accessToken(NORA, "first-access-nora"), fails("temporary"));
  assert.equal(await tokens.accessToken(NORA), "first-access-nora");
  await tokens.stop();
});

Deno.test("a refused app registration is the operator's trouble, not the accounts'", async () => {
  const fixture = new TokensFixture();
  for (const name of ["nora", "paul"]) fixture.database.add(name, START_MS, EXPIRED);
  fixture.service.onToken = () => oauthError("invalid_client", 7000222, 401);
  const tokens = fixture.tokens();
  const refused = fails("temporary", /client secret has expired.*operator/);
  await assert.rejects(tokens.accessToken(NORA), refused);
  await assert.rejects(tokens.accessToken(account("paul")), refused);
  assert.equal(fixture.service.tokenRequests, 1);
  assert.equal(fixture.database.records.get("nora")?.state, "active");
  const [alert] = fixture.alerts.current();
  assert.equal(alert?.kind, "registration-refused");
  assert.equal(alert?.fixer, "operator");
  assert.match(alert?.text ?? "", /AADSTS7000222/);

  fixture.service.onToken = () => fixture.service.tokens();
  await fixture.clock.advance(2 * MINUTE_MS);
  await tokens.accessToken(NORA);
  assert.deepEqual(kinds(fixture), []);
  await tokens.stop();
});

Deno.test("an account whose app registration is gone waits for the operator", async () => {
  const fixture = new TokensFixture();
  const record = fixture.database.add("nora", START_MS, EXPIRED);
  fixture.database.records.set("nora", { ...record, clientId: "gone" });
  const tokens = fixture.tokens();
  await tokens.start();
  assert.deepEqual(kinds(fixture), ["registration-refused"]);
  await assert.rejects(tokens.accessToken(NORA), fails("temporary", /registration.*missing/));
  assert.deepEqual(kinds(fixture), ["registration-refused"]);
  await tokens.stop();
  assert.equal(fixture.service.tokenRequests, 0);
});

Deno.test("an account that Microsoft refuses for an unknown reason is warned of, and keeps its tokens", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS);
  fixture.service.onToken = () => oauthError("invalid_request", 123456);
  const tokens = fixture.tokens();
  await tokens.start();
  await fixture.clock.advance(55 * MINUTE_MS);
  assert.equal(await tokens.accessToken(NORA), "first-access-nora");
  assert.deepEqual(kinds(fixture), ["token-near-end"]);
  await fixture.clock.advance(10 * MINUTE_MS);
  await assert.rejects(
    tokens.accessToken(NORA),
    fails(
      "temporary",
      /^Microsoft refused the request \(AADSTS123456\); ask the proxy's operator$/,
    ),
  );
  assert.equal(fixture.database.records.get("nora")?.state, "active");
  assert.ok(fixture.service.tokenRequests < 10);
  await tokens.stop();
});

Deno.test("T1: an account in use never waits for Microsoft: its token is renewed ahead of need", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS);
  const tokens = fixture.tokens();
  await tokens.start();
  for (let hour = 0; hour < 48; hour++) {
    const before = fixture.service.tokenRequests;
    await tokens.accessToken(NORA);
    assert.equal(fixture.service.tokenRequests, before);
    await fixture.clock.advance(HOUR_MS);
  }
  assert.ok(fixture.service.tokenRequests >= 48 && fixture.service.tokenRequests < 90);
  await tokens.stop();
  assert.equal(fixture.clock.timers, 0);
});

Deno.test("a dormant account is renewed every couple of weeks, so that its sign-in never dies", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS);
  const tokens = fixture.tokens();
  await tokens.start();
  for (let day = 0; day < 400; day++) {
    await fixture.clock.advance(DAY_MS);
    const { refreshedAtMs } = fixture.database.records.get("nora")!;
    assert.ok(fixture.clock.now() - refreshedAtMs < 15 * DAY_MS, `day ${day}`);
  }
  assert.ok(fixture.service.tokenRequests < 200, `${fixture.service.tokenRequests} requests`);
  await tokens.stop();
});

Deno.test("after a long stop, the start renews what is used at once and the rest in its time", async () => {
  const fixture = new TokensFixture();
  const long = START_MS - 60 * DAY_MS;
  for (const name of ["nora", "paul"]) {
    fixture.database.add(name, long, {
      accessTokenExpiresAtMs: long + HOUR_MS,
      obtainedAtMs: long,
    });
  }
  fixture.database.lastUses.set("nora", START_MS - HOUR_MS);
  const tokens = fixture.tokens();
  await tokens.start();
  await fixture.clock.advance(10 * SECOND_MS);
  assert.equal(fixture.database.records.get("nora")?.refreshedAtMs! > long, true);
  assert.equal(fixture.service.tokenRequests, 1);
  await fixture.clock.advance(HOUR_MS);
  assert.equal(fixture.database.records.get("paul")?.refreshedAtMs! > long, true);
  await tokens.stop();
});

Deno.test("the start warns of accounts that wait for a sign-in, and a sign-in ends the warning", async () => {
  const fixture = new TokensFixture();
  const record = fixture.database.add("nora", START_MS);
  fixture.database.records.set("nora", {
    ...record,
    state: "sign-in-required",
    stateReason: "AADSTS70008",
  });
  const tokens = fixture.tokens();
  await tokens.start();
  assert.deepEqual(kinds(fixture), ["sign-in-required"]);
  assert.equal(fixture.alerts.forAccount("nora").length, 1);
  const adopted: string[] = [];
  tokens.onAdopted((accountId) => adopted.push(accountId));
  await tokens.adopt(fixture.database.add("nora", START_MS));
  assert.deepEqual(adopted, ["nora"]);
  assert.deepEqual(kinds(fixture), []);
  assert.equal(await tokens.accessToken(NORA), "first-access-nora");
  await tokens.stop();
});

Deno.test("stop() waits until what is under way is stored", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  const response = Promise.withResolvers<Response>();
  fixture.service.onToken = () => response.promise;
  const tokens = fixture.tokens();
  const token = tokens.accessToken(NORA);
  await settle();
  const stopped = tokens.stop();
  response.resolve(fixture.service.tokens());
  await stopped;
  assert.equal(fixture.database.stored.get("nora")?.tokens.refreshToken, "refresh-1");
  assert.equal(await token, "access-1");
  assert.equal(fixture.clock.timers, 0);
});

Deno.test("forget() lets go of a deleted account", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS);
  const tokens = fixture.tokens();
  await tokens.start();
  fixture.database.records.delete("nora");
  fixture.database.stored.delete("nora");
  await tokens.forget("nora");
  await fixture.clock.advance(30 * DAY_MS);
  assert.equal(fixture.service.tokenRequests, 0);
  await assert.rejects(tokens.accessToken(NORA), fails("sign-in-required"));
  await tokens.stop();
});

Deno.test("K1: what a client and the log can see of a failure holds no token", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  fixture.service.onToken = () => oauthError("invalid_grant", 70008);
  const tokens = fixture.tokens();
  const error = await tokens.accessToken(NORA).catch((error) => error);
  const shown = Deno.inspect([error, fixture.alerts.current(), tokens.status("nora")], {
    depth: 10,
  });
  assert.doesNotMatch(shown, /first-(access|refresh)|client-secret/);
});

Deno.test("an account that another process adds is renewed too, used or not", async () => {
  const fixture = new TokensFixture();
  const tokens = fixture.tokens();
  await tokens.start();
  fixture.database.add("nora", START_MS);
  await fixture.clock.advance(30 * DAY_MS);
  assert.ok(fixture.database.records.get("nora")!.refreshedAtMs > START_MS);
  await tokens.stop();
  assert.equal(fixture.clock.timers, 0);
});

Deno.test("the start looks through any number of accounts", async () => {
  const fixture = new TokensFixture();
  for (let number = 0; number < 120; number++) {
    fixture.database.add(`account-${number}`, START_MS, EXPIRED);
  }
  const tokens = fixture.tokens();
  const started = tokens.start();
  await fixture.clock.advance(11 * SECOND_MS);
  await started;
  assert.equal(fixture.service.tokenRequests, 120);
  await tokens.stop();
  assert.equal(fixture.clock.timers, 0);
});

Deno.test("only accounts in use, or soon due, have a timer", async () => {
  const fixture = new TokensFixture();
  const { database } = fixture;
  const renewed = (days: number) => ({ obtainedAtMs: START_MS - days * DAY_MS });
  const long = START_MS - 60 * DAY_MS;
  database.add("idle", long, renewed(1));
  database.add("due soon", long, renewed(13));
  database.add("used", long, renewed(0));
  database.lastUses.set("used", START_MS - DAY_MS);
  const tokens = fixture.tokens();
  await tokens.start();
  assert.equal(tokens.status("idle"), undefined);
  for (const id of ["due soon", "used"]) assert.ok(tokens.status(id)?.nextRenewalAtMs);
  assert.equal(fixture.clock.timers, 1 + 2);
  await tokens.stop();
});

Deno.test("an account that is not used any more is let go, and comes back with a login", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS);
  const tokens = fixture.tokens();
  await tokens.start();
  assert.ok(tokens.status("nora"));
  await fixture.clock.advance(4 * DAY_MS);
  assert.equal(tokens.status("nora"), undefined);
  assert.equal(fixture.clock.timers, 1);

  const before = fixture.service.tokenRequests;
  await tokens.accessToken(NORA);
  assert.equal(fixture.service.tokenRequests, before + 1);
  await fixture.clock.advance(HOUR_MS);
  assert.equal(fixture.service.tokenRequests, before + 2);
  await tokens.stop();
});

Deno.test("D1: what the database has not stored yet is not let go", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  const tokens = fixture.tokens();
  await tokens.start();
  fixture.database.beforeWrite = () => {
    throw new StoreError("full", "the disk is full");
  };
  await tokens.accessToken(NORA);
  await fixture.clock.advance(5 * DAY_MS);
  assert.ok(tokens.status("nora"));
  fixture.database.beforeWrite = () => {};
  await tokens.stop();
  assert.match(fixture.database.stored.get("nora")!.tokens.refreshToken, /^refresh-/);
});

Deno.test("D1: a database that fails at the start is an alert, and is read again soon", async () => {
  const fixture = new TokensFixture();
  const { database } = fixture;
  database.add("nora", START_MS);
  const { listUses } = database.accounts;
  database.accounts.listUses = () => Promise.reject(new StoreError("locked", "it is locked"));
  const tokens = fixture.tokens();
  await tokens.start();
  assert.deepEqual(kinds(fixture), ["store-failing"]);
  database.accounts.listUses = listUses;
  await fixture.clock.advance(MINUTE_MS);
  assert.ok(tokens.status("nora"));
  await tokens.stop();
});

Deno.test("an account that is deleted while its tokens are renewed does no harm", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, EXPIRED);
  fixture.service.onToken = () => {
    fixture.database.records.delete("nora");
    fixture.database.stored.delete("nora");
    return fixture.service.tokens();
  };
  const tokens = fixture.tokens();
  await assert.rejects(tokens.accessToken(NORA), fails("sign-in-required"));
  await tokens.stop();
});

Deno.test("of accounts beyond the limit only the time of the next renewal is kept, and none is forgotten", async () => {
  const fixture = new TokensFixture();
  const ids = Array.from({ length: 40 }, (_, number) => `account-${number}`);
  for (const id of ids) fixture.database.add(id, START_MS);
  const tokens = fixture.tokens({ loadedLimit: 3 });
  await tokens.start();
  // The next round, the accounts in memory, and the queue of all others.
  assert.equal(fixture.clock.timers, 1 + 3 + 1);
  for (const id of ids) assert.ok(tokens.status(id)?.nextRenewalAtMs);
  assert.equal(await tokens.accessToken(account("account-0")), "first-access-account-0");
  assert.equal(fixture.service.tokenRequests, 0);

  for (let hour = 1; hour <= 4; hour++) {
    await fixture.clock.advance(HOUR_MS);
    for (const id of ids) {
      const { accessTokenExpiresAtMs } = fixture.database.stored.get(id)!.tokens;
      assert.ok(
        accessTokenExpiresAtMs > fixture.clock.now(),
        `${id} was not renewed ahead of need`,
      );
    }
  }
  const before = fixture.service.tokenRequests;
  for (const id of ids) await tokens.accessToken(account(id));
  assert.equal(
    fixture.service.tokenRequests,
    before,
    "a login of an account that is not in memory needs no request",
  );
  await tokens.stop();
  assert.equal(fixture.clock.timers, 0);
});

Deno.test("D1: what the database has not stored yet stays in memory, however many accounts there are", async () => {
  const fixture = new TokensFixture();
  for (const id of ["nora", "one", "two"]) fixture.database.add(id, START_MS, EXPIRED);
  fixture.database.beforeWrite = () => {
    throw new StoreError("full", "the disk is full");
  };
  const tokens = fixture.tokens({ loadedLimit: 1 });
  const token = await tokens.accessToken(NORA);
  for (const id of ["one", "two"]) await tokens.accessToken(account(id));
  assert.equal(await tokens.accessToken(NORA), token);
  await tokens.stop();
});

Deno.test("R4: tokens of an account that could not be stored are stored as soon as the database is back", async () => {
  const fixture = new TokensFixture();
  fixture.database.add("nora", START_MS, { accessTokenExpiresAtMs: START_MS });
  fixture.database.beforeWrite = () => Promise.reject(new StoreError("unavailable", "gone"));
  const tokens = fixture.tokens();
  const token = await tokens.accessToken(account("nora"));
  const stored = () => fixture.database.stored.get("nora")?.tokens.accessToken;
  assert.notEqual(stored(), token);
  fixture.database.beforeWrite = () => {};
  await fixture.clock.advance(10 * SECOND_MS);
  assert.equal(stored(), token);
  await tokens.stop();
  assert.equal(fixture.clock.timers, 0);
});
