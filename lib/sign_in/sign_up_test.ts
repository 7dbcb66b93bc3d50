import assert from "node:assert/strict";
import type { RegistrationRule } from "../config/mod.ts";
import type { SignedIn } from "../microsoft/mod.ts";
import { signIn, START_MS, withStore } from "../store/testing.ts";
import { NotAllowedError, signUp } from "./sign_up.ts";
import { SignUpPolicy } from "./sign_up_policy.ts";

const ONLY_ANNA = list("ALLOWED_EMAILS_LIST", "allow", "anna@example.com");
const NOT_EVE = list("DISALLOWED_EMAILS_LIST", "disallow", "eve@example.com");

function list(
  variable: RegistrationRule["variable"],
  kind: RegistrationRule["kind"],
  entry: string,
): RegistrationRule {
  return { variable, kind, list: [entry], form: "list", subject: "email" };
}

function signedInAs(email: string): SignedIn {
  const { clientId, atMs, ...person } = signIn({ email, objectId: email });
  const identity = { ...person, kind: "personal" } as const;
  const accessTokenExpiresAtMs = atMs + 1;
  const tokens = {
    accessToken: "a",
    refreshToken: "r",
    accessTokenExpiresAtMs,
    obtainedAtMs: atMs,
  };
  return { identity, clientId, tokens };
}

/** Signs up with these filters. Invitations have the token `good`, and as many uses. */
function withSignUp(
  rules: readonly RegistrationRule[],
  uses: number,
  test: (signUpAs: (email: string, token?: string) => ReturnType<typeof signUp>) => Promise<void>,
) {
  return withStore(({ store }) => {
    let left = uses;
    const options = {
      store,
      vault: {
        recordSignIn: (record: Parameters<typeof store.accounts.recordSignIn>[0]) =>
          store.accounts.recordSignIn(record, Uint8Array.of(1)),
      },
      signUpPolicy: new SignUpPolicy(rules),
      clock: { now: () => START_MS },
      invitations: {
        use: (token: string) => Promise.resolve(token === "good" && left-- > 0 ? "Ben" : undefined),
      },
    };
    return test((email, token) => signUp(signedInAs(email), options, token));
  });
}

Deno.test("signUp() admits by an invitation whom no filter names, for good", () =>
  withSignUp([ONLY_ANNA], 1, async (signUpAs) => {
    await assert.rejects(signUpAs("ben@example.com"), NotAllowedError);
    await assert.rejects(signUpAs("ben@example.com", "wrong"), NotAllowedError);
    const { account, invitation } = await signUpAs("ben@example.com", "good");
    assert.deepEqual([invitation, account.isInvited], ["Ben", true]);
    const again = await signUpAs("ben@example.com");
    assert.deepEqual([again.created, again.invitation], [false, undefined]);
    await assert.rejects(signUpAs("carl@example.com", "good"), NotAllowedError, "used up");
  }));

Deno.test("signUp() admits nobody by an invitation whom a filter excludes, and does not use it up", () =>
  withSignUp([NOT_EVE, ONLY_ANNA], 1, async (signUpAs) => {
    await assert.rejects(signUpAs("eve@example.com", "good"), NotAllowedError);
    assert.equal((await signUpAs("ben@example.com", "good")).invitation, "Ben");
  }));

Deno.test("signUp() counts an invitation for new people only, and marks nobody whom the filters admit", () =>
  withSignUp([ONLY_ANNA], 2, async (signUpAs) => {
    const { account, invitation } = await signUpAs("anna@example.com", "good");
    assert.deepEqual([invitation, account.isInvited], ["Ben", false]);
    assert.equal((await signUpAs("anna@example.com", "good")).invitation, undefined);
    assert.equal((await signUpAs("ben@example.com", "good")).invitation, "Ben");
  }));
