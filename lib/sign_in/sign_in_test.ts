import assert from "node:assert/strict";
import { ScriptedBrowser } from "../../tools/simulate/browser.ts";
import {
  DEMO_APPLICATION,
  person,
  type TokenFault,
} from "../../tools/simulate/identity_provider.ts";
import { MINUTE_MS } from "../base/mod.ts";
import type { ClientLine } from "../log/digest.ts";
import { configureLogging } from "../log/log.ts";
import type { Applicant } from "./sign_up_policy.ts";
import { type BeginSignIn, SignInError, type SignInFailure } from "./sign_in.ts";
import {
  NORA,
  REDIRECT_URI,
  SignInFixture,
  smtpAccount,
  toHeader,
  WORK,
} from "../testing/sign_in_fixture.ts";

function fails(failure: SignInFailure, text?: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof SignInError, String(error));
    assert.equal(error.failure, failure, JSON.stringify(error.explanation));
    const { title, cause, remedy } = error.explanation;
    if (text) assert.match(`${title}. ${cause} ${remedy}`, text);
    return true;
  };
}

Deno.test("a person signs in, gets a session and an account that can send", async () => {
  await using fixture = await SignInFixture.open();
  const result = await fixture.signInAs(NORA);
  assert.equal(result.created, true);
  assert.equal(result.location, "/account");
  const session = await fixture.sessions.read(toHeader(result.setCookies));
  assert.equal(session?.accountId, result.accountId);

  const account = await fixture.store.accounts.get(result.accountId);
  assert.equal(account?.email, NORA);
  assert.equal(account?.emailVerified, true);
  const token = await fixture.tokens.accessToken(smtpAccount(result.accountId));
  assert.equal(fixture.idp.verifyAccessToken(token)?.address, NORA);
});

Deno.test("work accounts sign in at common and organizations, not at consumers", async (t) => {
  for (const tenant of ["common", "organizations", "contoso.example"]) {
    await t.step(tenant, async () => {
      await using fixture = await SignInFixture.open(tenant);
      const { accountId } = await fixture.signInAs(WORK);
      const account = await fixture.store.accounts.get(accountId);
      assert.equal(account?.tenantId, person(WORK).tenantId);
    });
  }
});

Deno.test("W3: a second sign-in of the same person is the same account; another person is another", async () => {
  await using fixture = await SignInFixture.open("common");
  const first = await fixture.signInAs(NORA);
  const again = await fixture.signInAs(NORA, { loginHint: NORA });
  assert.equal(again.created, false);
  assert.equal(again.accountId, first.accountId);
  assert.notEqual((await fixture.signInAs(WORK)).accountId, first.accountId);
});

Deno.test("W4: each sign-in starts a new session and ends the browser's former one", async () => {
  await using fixture = await SignInFixture.open();
  const former = toHeader((await fixture.signInAs(NORA)).setCookies);
  const { callback, cookies } = await fixture.visit({ address: NORA });
  const { setCookies } = await fixture.signIn.complete(callback, `${former}; ${cookies}`);
  assert.equal(await fixture.sessions.read(former), undefined);
  assert.ok(await fixture.sessions.read(toHeader(setCookies)));
});

Deno.test("W1: a state works once, in the browser that began, for ten minutes", async (t) => {
  await using fixture = await SignInFixture.open();
  const invalid = fails("invalid-request");
  const { callback, cookies } = await fixture.visit({ address: NORA });
  const stranger = (await fixture.visit({ address: NORA })).cookies;
  await t.step("no cookie", async () => {
    await assert.rejects(fixture.signIn.complete(callback, null), invalid);
  });
  await t.step("another browser's cookie", async () => {
    await assert.rejects(fixture.signIn.complete(callback, stranger), invalid);
  });
  await t.step("a forged cookie", async () => {
    const forged = cookies.slice(0, -4) + "AAAA";
    await assert.rejects(fixture.signIn.complete(callback, forged), invalid);
  });
  await t.step("another state", async () => {
    const other = new URL(callback);
    other.searchParams.set("state", "another");
    await assert.rejects(fixture.signIn.complete(other, cookies), invalid);
  });
  await t.step("a replay", async () => {
    await fixture.signIn.complete(callback, cookies);
    await assert.rejects(fixture.signIn.complete(callback, cookies), invalid);
  });
  await t.step("too late", async () => {
    const late = await fixture.visit({ address: NORA });
    fixture.wait(10 * MINUTE_MS);
    await assert.rejects(fixture.signIn.complete(late.callback, late.cookies), invalid);
  });
  assert.equal(await fixture.store.accounts.count(), 1);
});

Deno.test("W1: a code that was taken from another sign-in is refused (PKCE)", async () => {
  await using fixture = await SignInFixture.open();
  const victim = await fixture.visit({ address: NORA });
  const attacker = await fixture.visit({ address: NORA });
  attacker.callback.searchParams.set("code", victim.callback.searchParams.get("code")!);
  await assert.rejects(
    fixture.signIn.complete(attacker.callback, attacker.cookies),
    fails("refused"),
  );
});

Deno.test("W5: the cookies of a sign-in are HttpOnly, SameSite=Lax, and on HTTPS __Host- and Secure", async () => {
  await using fixture = await SignInFixture.open();
  const request = { returnTo: "/account" };
  const plain = await fixture.signIn.begin({ ...request, redirectUri: REDIRECT_URI });
  assert.match(
    plain.setCookies[0]!,
    /^session-sign-in=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/,
  );
  const secure = await fixture.signIn.begin({
    ...request,
    redirectUri: "https://mail.example/auth",
  });
  assert.match(secure.setCookies[0]!, /^__Host-session-sign-in=.*; Secure$/);
});

Deno.test("W8: a sign-in leads to a path on this site, whatever was asked for", async () => {
  await using fixture = await SignInFixture.open();
  for (const returnTo of ["https://evil.example/", "//evil.example", "/\\evil.example"]) {
    assert.equal((await fixture.signInAs(NORA, { returnTo })).location, "/");
  }
});

Deno.test("the address is passed on as a hint, and then no chooser is asked for", async () => {
  await using fixture = await SignInFixture.open();
  const begin = async (request: Partial<BeginSignIn>) => {
    const { location } = await fixture.signIn.begin({ redirectUri: REDIRECT_URI, ...request });
    const { searchParams } = new URL(location);
    return [searchParams.get("login_hint"), searchParams.get("prompt")];
  };
  assert.deepEqual(await begin({}), [null, "select_account"]);
  assert.deepEqual(await begin({ loginHint: NORA }), [NORA, null]);
  assert.deepEqual(await begin({ loginHint: NORA, prompt: "none" }), [NORA, "none"]);
});

Deno.test("a renewal with a registration that is gone uses the one for new accounts", async () => {
  await using fixture = await SignInFixture.open();
  const { location } = await fixture.signIn.begin({
    redirectUri: REDIRECT_URI,
    registrationId: "gone",
  });
  assert.equal(new URL(location).searchParams.get("client_id"), DEMO_APPLICATION.id);
});

Deno.test("a silent renewal works where a session at Microsoft lives, and else asks for the person", async () => {
  await using fixture = await SignInFixture.open();
  const browser = new ScriptedBrowser(REDIRECT_URI);
  const silent = { prompt: "none", loginHint: NORA } as const;
  const stranger = await fixture.visit({}, silent, browser);
  await assert.rejects(
    fixture.signIn.complete(stranger.callback, stranger.cookies),
    fails("interaction-required"),
  );
  await fixture.visit({ address: NORA }, {}, browser);
  const { callback, cookies } = await fixture.visit({}, silent, browser);
  assert.equal((await fixture.signIn.complete(callback, cookies)).location, "/account");
});

Deno.test("cancel is no error, and clears the transaction", async () => {
  await using fixture = await SignInFixture.open();
  const { callback, cookies } = await fixture.visit({ cancel: "cancel" });
  await assert.rejects(fixture.signIn.complete(callback, cookies), (error) => {
    assert.ok(fails("cancelled")(error));
    const { setCookies, returnTo } = error as SignInError;
    assert.match(setCookies[0]!, /^session-sign-in=; .*Max-Age=0/);
    assert.equal(returnTo, "/account");
    return true;
  });
});

Deno.test("an administrator who has consented is told to sign in, with or without a state", async (t) => {
  await using fixture = await SignInFixture.open("common");
  const link = fixture.microsoft.adminConsentUrl({
    clientId: DEMO_APPLICATION.id,
    redirectUri: REDIRECT_URI,
  })!;
  const returned = `admin_consent=True&tenant=${person(WORK).tenantId}`;
  for (
    const state of ["", "&state=", "&state=another", `&state=${link.searchParams.get("state")}`]
  ) {
    await t.step(`?${returned}${state}`, async () => {
      const callback = new URL(`${REDIRECT_URI}?${returned}${state}`);
      await assert.rejects(
        fixture.signIn.complete(callback, null),
        fails("consent-granted", /^Consent was granted for the organisation\..* Sign in/),
      );
    });
  }
  await t.step("not granted", async () => {
    const state = link.searchParams.get("state");
    const refused = (query: string) =>
      fixture.signIn.complete(new URL(`${REDIRECT_URI}?state=${state}&${query}`), null);
    await assert.rejects(
      refused("error=access_denied&error_description=The+admin+canceled"),
      fails("cancelled"),
    );
    await assert.rejects(
      refused("error=access_denied&error_description=AADSTS1234567:+Not+so."),
      fails("refused", /Not so\./),
    );
  });
  assert.equal(await fixture.store.accounts.count(), 0);
});

Deno.test("W1: a sign-in's answer is not taken for an administrator's consent", async () => {
  await using fixture = await SignInFixture.open();
  const { callback, cookies } = await fixture.visit({ address: NORA });
  callback.searchParams.set("admin_consent", "True");
  assert.equal((await fixture.signIn.complete(callback, cookies)).created, true);
});

Deno.test("a sign-in that needs an administrator's consent comes with the link for it", async (t) => {
  await using fixture = await SignInFixture.open("common");
  for (const number of [65001, 90093, 90094, 90095]) {
    await t.step(`${number}`, async () => {
      const { callback, cookies } = await fixture.visit({ address: NORA });
      const description = `AADSTS${number}: x`;
      callback.searchParams.delete("code");
      callback.searchParams.set("error", "access_denied");
      callback.searchParams.set("error_description", description);
      const error = await fixture.signIn.complete(callback, cookies).catch((error) => error);
      const { origin, pathname, searchParams } = new URL(error.consentUrl);
      assert.equal(origin + pathname, `${fixture.idp.authority}/organizations/v2.0/adminconsent`);
      assert.deepEqual(Object.fromEntries(searchParams), {
        client_id: DEMO_APPLICATION.id,
        scope: "openid profile email offline_access https://outlook.office.com/SMTP.Send",
        redirect_uri: REDIRECT_URI,
        state: "admin-consent",
      });
    });
  }
  const { callback, cookies } = await fixture.visit({ cancel: "cancel" });
  const cancelled = await fixture.signIn.complete(callback, cookies).catch((error) => error);
  assert.equal(cancelled.consentUrl, undefined);
});

Deno.test("adminConsentUrl() names the organisation where it is known", async () => {
  const request = { clientId: DEMO_APPLICATION.id, redirectUri: REDIRECT_URI };
  const pathAt = async (tenant: string, tenantId?: string) => {
    await using fixture = await SignInFixture.open(tenant);
    return fixture.microsoft.adminConsentUrl({ ...request, tenantId })?.pathname;
  };
  assert.equal(await pathAt("contoso.example"), "/contoso.example/v2.0/adminconsent");
  assert.equal(await pathAt("common", "t"), "/t/v2.0/adminconsent");
  assert.equal(await pathAt("consumers"), undefined);
});

Deno.test("the operator's filters decide, about accounts that are here already too", async () => {
  const lines: string[] = [];
  configureLogging({ format: "json", level: "info", write: (line) => lines.push(line) });
  let open = true;
  const refusal = (person: Applicant) =>
    open
      ? undefined
      : { setting: "ALLOWED_EMAILS_LIST" as const, entry: `${person.objectId}@${person.tenantId}` };
  await using fixture = await SignInFixture.open("common", { signUpPolicy: { refusal } });
  await fixture.signInAs(NORA);
  open = false;
  await assert.rejects(fixture.signInAs(NORA), fails("not-allowed", /nora@outlook\.example/));
  const { tenantId, objectId } = person(WORK);
  await assert.rejects(
    fixture.signInAs(WORK),
    fails("not-allowed", new RegExp(`adds ${objectId}@${tenantId} to ALLOWED_EMAILS_LIST`)),
  );
  assert.equal(await fixture.store.accounts.count(), 1);
  const line = lines.find((line) => line.includes("refused") && line.includes(WORK))!;
  for (const part of [tenantId, objectId, "ALLOWED_EMAILS_LIST"]) assert.ok(line.includes(part));
});

Deno.test("addresses without HTTPS are explained before Microsoft refuses them", async () => {
  await using fixture = await SignInFixture.open();
  const begin = (redirectUri: string) => fixture.signIn.begin({ redirectUri });
  await assert.rejects(begin("http://mail.lan/auth"), fails("wrong-origin", /HTTPS.*PUBLIC_URL/));
  await assert.rejects(begin("http://127.evil.lan/auth"), fails("wrong-origin"));
});

Deno.test("127.0.0.1 is not said to be refused: an app registration can have it", async () => {
  await using fixture = await SignInFixture.open();
  for (const redirectUri of ["http://127.0.0.1:3000/auth", "http://[::1]:3000/auth"]) {
    const { location } = await fixture.signIn.begin({ redirectUri });
    assert.equal(new URL(location).searchParams.get("redirect_uri"), redirectUri);
  }
});

Deno.test("a browser that did not begin at the site's address is told which one it is", async () => {
  await using fixture = await SignInFixture.open();
  const { callback } = await fixture.visit({ address: NORA });
  await assert.rejects(
    fixture.signIn.complete(callback, null),
    fails("invalid-request", /127\.0\.0\.1.*Open http:\/\/localhost:3000\//),
  );
});

Deno.test("errors of the token endpoint are told apart at a sign-in", async (t) => {
  const faults: [TokenFault, SignInFailure][] = [
    [{ kind: "down" }, "temporary"],
    [{ kind: "status", status: 503 }, "temporary"],
    [{ kind: "malformed" }, "temporary"],
    [{ kind: "error", code: "AADSTS7000215" }, "registration"],
    [{ kind: "error", code: "AADSTS70008" }, "refused"],
  ];
  for (const [fault, failure] of faults) {
    await t.step(JSON.stringify(fault), async () => {
      await using fixture = await SignInFixture.open();
      fixture.idp.faults.token = fault;
      await assert.rejects(fixture.signInAs(NORA), fails(failure));
    });
  }
});

Deno.test("a sign-in begins with an explanation while Microsoft is down", async () => {
  await using fixture = await SignInFixture.open();
  await fixture.idp.stop();
  await assert.rejects(fixture.signIn.begin({ redirectUri: REDIRECT_URI }), fails("temporary"));
});

Deno.test("T5: after its refresh token is revoked an account signs in again and goes on", async () => {
  await using fixture = await SignInFixture.open();
  const { accountId } = await fixture.signInAs(NORA);
  const account = smtpAccount(accountId);
  const former = await fixture.tokens.accessToken(account);
  fixture.idp.revokeRefreshTokens(NORA);
  await assert.rejects(fixture.tokens.accessToken(account, former), {
    failure: "sign-in-required",
  });
  const { stateReason = "" } = (await fixture.store.accounts.get(accountId))!;
  assert.match(stateReason, /^AADSTS50173 \(invalid_grant\): ./);
  await fixture.signInAs(NORA, { loginHint: NORA });
  assert.notEqual(await fixture.tokens.accessToken(account), former);
});

/** Counts the codes that are taken to Microsoft. */
function countCodes({ microsoft }: SignInFixture): () => number {
  const complete = microsoft.complete.bind(microsoft);
  let count = 0;
  microsoft.complete = (...args) => {
    count++;
    return complete(...args);
  };
  return () => count;
}

Deno.test("W1: a callback without a state of this browser makes no request at all", async () => {
  await using fixture = await SignInFixture.open();
  const codes = countCodes(fixture);
  for (const query of ["code=x", "code=x&state=made-up"]) {
    const callback = new URL(`${REDIRECT_URI}?${query}`);
    const { setCookies } = await fixture.signIn.begin({ redirectUri: REDIRECT_URI });
    for (const cookie of [null, "session-sign-in=forged", toHeader(setCookies)]) {
      await assert.rejects(fixture.signIn.complete(callback, cookie), fails("invalid-request"));
    }
  }
  assert.equal(codes(), 0);
});

/** Does as strangers do: begins a sign-in, and makes up Microsoft’s answer. */
async function makeUp(
  { signIn }: SignInFixture,
  answer: Record<string, string>,
  client: string,
): Promise<void> {
  const { location, setCookies } = await signIn.begin({ redirectUri: REDIRECT_URI });
  const state = new URL(location).searchParams.get("state")!;
  const callback = new URL(`${REDIRECT_URI}?${new URLSearchParams({ ...answer, state })}`);
  await assert.rejects(signIn.complete(callback, toHeader(setCookies), client), SignInError);
}

Deno.test("W1: callbacks that Microsoft refuses are bounded by network, whatever their length", async () => {
  await using fixture = await SignInFixture.open();
  const codes = countCodes(fixture);
  const code = "x".repeat(9_000);
  for (let count = 0; count < 30; count++) {
    await makeUp(fixture, { code }, `2001:db8::${count + 1}`);
  }
  assert.equal(codes(), 10);
  await makeUp(fixture, { code }, "192.0.2.1");
  assert.equal(codes(), 11, "another network is served");
});

Deno.test("W1: who has signed in before signs in again, whatever others at the same address do", async () => {
  await using fixture = await SignInFixture.open();
  const former = toHeader((await fixture.signInAs(NORA)).setCookies);
  fixture.wait(30 * 24 * 60 * MINUTE_MS);
  assert.equal(await fixture.sessions.read(former), undefined, "the session has ended");
  for (let count = 0; count < 12; count++) await makeUp(fixture, { code: "guessed" }, "192.0.2.1");
  const { callback, cookies } = await fixture.visit({ address: NORA });
  const again = await fixture.signIn.complete(callback, `${former}; ${cookies}`, "192.0.2.1");
  assert.ok(await fixture.sessions.read(toHeader(again.setCookies)));
});

Deno.test("W1, S23: errors that are made up use nothing up, and are no errors in the log", async () => {
  const used: string[] = [];
  const lines: ClientLine[] = [];
  await using fixture = await SignInFixture.open("consumers", {
    usedSignIns: { use: (state) => used.push(state) > 0 },
    digest: { write: (line) => void lines.push(line) },
  });
  const errors: string[] = [];
  configureLogging({ write: (line) => void errors.push(line), level: "error", format: "text" });
  const answers = ["invalid_client", "server_error", "unauthorized_client", "access_denied"];
  for (const error of answers) {
    const answer = {
      error,
      error_description: "AADSTS7000215: Invalid client secret\r\nx\x1b[31m",
    };
    await makeUp(fixture, answer, "192.0.2.1");
  }
  assert.deepEqual([used, errors], [[], []]);
  assert.equal(lines.length, answers.length);
  for (const { address, level } of lines) assert.deepEqual([address, level], ["192.0.2.1", "info"]);
});

Deno.test("W1: sign-ins in several tabs of one browser all end well", async () => {
  await using fixture = await SignInFixture.open();
  const jar = new Map<string, string>();
  const keep = (setCookies: readonly string[]) => {
    for (const [name, value] of setCookies.map((one) => one.split(";", 1)[0]!.split("="))) {
      jar.set(name!, value!);
    }
  };
  const header = () => [...jar].map((pair) => pair.join("=")).join("; ");
  const callbacks: URL[] = [];
  for (let tab = 0; tab < 4; tab++) {
    const { callback, setCookies } = await fixture.visit({ address: NORA }, { cookies: header() });
    keep(setCookies);
    callbacks.push(callback);
    fixture.wait(1_000);
  }
  assert.equal(jar.size, 3, "the cookies of a browser are bounded");
  const oldest = fixture.signIn.complete(callbacks[0]!, header());
  await assert.rejects(oldest, fails("invalid-request"), "the oldest has made room");
  for (const callback of callbacks.slice(1)) {
    keep((await fixture.signIn.complete(callback, header())).setCookies);
  }
  assert.equal(
    [...jar.values()].filter((value) => value !== "").length,
    1,
    "only the session is left",
  );
});
