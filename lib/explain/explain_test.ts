import assert from "node:assert/strict";
import type { Fixer, SignInExplanation } from "./explanation.ts";
import {
  explainReason,
  explainSignInError,
  reasonOf,
  SIGN_IN_ERRORS,
  signInRequiredText,
} from "./sign_in_errors.ts";
import { Reply } from "../../smtp/mod.ts";
import {
  IDENTITY_ERRORS,
  type IdentityError,
} from "../../tools/simulate/troubles/microsoft_errors.ts";
import { SUBMISSION_TROUBLES } from "../../tools/simulate/troubles/submission_troubles.ts";
import { explainReply, refusalText, SMTP_REPLIES, type SmtpReplyRow } from "./smtp_replies.ts";
import { displayText, toSmtpText } from "./text.ts";

const DISABLED =
  "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the";

Deno.test("explainSignInError() tells who can repair what", () => {
  const anybody = [undefined, /./] as const;
  const expected: (readonly [number, Fixer | undefined, RegExp])[] = [
    [50011, "operator", /redirect URI/],
    [7000215, "operator", /not its ID/],
    [7000222, "operator", /24 months/],
    [700016, "operator", /application/],
    [50020, "user", /kind of account/],
    [9002346, "operator", /consumers/],
    [65001, "user", /permission/],
    [90094, "tenant-admin", /consent/],
    [70008, "user", /Sign in with Microsoft again/],
    [70043, "user", /conditional access/],
    [50173, "user", /password was changed/],
    [700082, "user", /90 days/],
    [54005, "user", /once/],
    [50076, "user", /policy/],
    [53003, "tenant-admin", /conditional access/],
    [70000, "user", /service abuse mode/],
    [900144, "operator", /parameter.*fault of the proxy/],
    [7000229, "tenant-admin", /consent/],
    [700027, "operator", /certificate/],
    [50053, "nobody", /locked/],
    [50144, "user", /password/],
    [90072, "tenant-admin", /organisation/],
    ...[50072, 50079, 50125, 50131, 50158, 70046].map((number) => [number, ...anybody] as const),
  ];
  for (const [number, fixer, text] of expected) {
    const explanation = explainSignInError("invalid_grant", `AADSTS${number}: Something.`);
    assert.equal(explanation.code, `AADSTS${number}`);
    assert.equal(explanation.known, true);
    if (fixer) assert.equal(explanation.fixer, fixer, explanation.code);
    assert.match(`${explanation.title} ${explanation.cause} ${explanation.remedy}`, text);
  }
});

Deno.test("explainSignInError() weighs an unknown number by the OAuth error, in Microsoft's own words", () => {
  const expected: [string, SignInExplanation["outcome"], SignInExplanation["reach"], Fixer][] = [
    ["odd_error", "refused", "account", "operator"],
    ["invalid_request", "refused", "account", "operator"],
    ["access_denied", "refused", "account", "operator"],
    ["invalid_grant", "sign-in-required", "account", "user"],
    ["interaction_required", "sign-in-required", "account", "user"],
    ["invalid_client", "registration", "tenant", "operator"],
    ["unauthorized_client", "registration", "tenant", "operator"],
    ["temporarily_unavailable", "temporary", "tenant", "nobody"],
  ];
  const description = "AADSTS1234567: Something new happened. Trace ID: 1-2 Timestamp: 4";
  for (const [error, outcome, reach, fixer] of expected) {
    const unknown = explainSignInError(error, description);
    assert.equal(unknown.code, "AADSTS1234567");
    assert.equal(unknown.known, false);
    assert.deepEqual([unknown.outcome, unknown.reach, unknown.fixer], [outcome, reach, fixer]);
    assert.equal(unknown.cause, "Something new happened.");
  }
});

Deno.test("explainSignInError() quotes Microsoft beside its own words", () => {
  const known = explainSignInError("invalid_grant", "AADSTS70008: It has expired. Trace ID: 1");
  assert.equal(known.title, "The sign-in has expired");
  assert.equal(known.detail, "It has expired.");
  assert.equal(explainSignInError("invalid_grant").detail, undefined);
});

Deno.test("explainSignInError() takes only a person's own refusal for cancelled", () => {
  const outcome = (description: string) => explainSignInError("access_denied", description).outcome;
  assert.equal(outcome("The user has denied access to the scope requested."), "cancelled");
  assert.equal(outcome("AADSTS65004: User declined to consent."), "cancelled");
  assert.equal(outcome("AADSTS90094: Admin consent is required."), "sign-in-required");
  assert.equal(outcome("AADSTS1234567: Something new."), "refused");
});

Deno.test("explainSignInError() blames a client secret only for what a client secret does", () => {
  const texts = (number: number) => {
    const { title, cause, remedy } = explainSignInError("invalid_client", `AADSTS${number}: x`);
    return `${title} ${cause} ${remedy}`;
  };
  for (const number of [7000215, 7000218, 7000222]) assert.match(texts(number), /client secret/);
  for (const number of [7000229, 700027, 1234567]) {
    assert.doesNotMatch(texts(number), /client secret/);
  }
});

Deno.test("explainSignInError() knows whom an error concerns", () => {
  const expected = {
    registration: [7000215, 7000218, 7000222, 700025, 700027],
    tenant: [700016, 7000112, 7000229, 90002, 65005, 500011, 650057, 50128, 90033],
    account: [50053, 50196, 53003, 65001, 70008, 90093, 900144],
  };
  for (const [reach, numbers] of Object.entries(expected)) {
    for (const number of numbers) {
      assert.equal(explainSignInError("x", `AADSTS${number}: y`).reach, reach, `${number}`);
    }
  }
});

Deno.test("explainSignInError() sends nobody in a circle whom only an administrator can help", () => {
  const conditionalAccess = [
    ...[50097, 50131, 53000, 53001, 53002, 53003, 53004, 53010, 53011],
    ...[530003, 530031, 530032, 530034, 530035],
  ];
  for (const number of conditionalAccess) {
    const { fixer, remedy } = explainSignInError("invalid_grant", `AADSTS${number}: x`);
    assert.equal(fixer, "tenant-admin", `${number}`);
    assert.match(remedy, /^Ask the administrator .* signing in again does not help\.$/);
    const text = signInRequiredText(`AADSTS${number}`, "work", "https://mail.example/");
    assert.match(text, /^Ask the administrator of your organisation - /);
  }
});

Deno.test("explainSignInError() offers admin consent where it helps", () => {
  for (const number of [65001, 90093, 90094, 90095, 90099, 700016, 7000229]) {
    assert.equal(explainSignInError("x", `AADSTS${number}: y`).adminConsent, true, `${number}`);
  }
  assert.equal(explainSignInError("x", "AADSTS53003: y").adminConsent, undefined);
});

Deno.test("explainSignInError() sends no owner of a personal account to an administrator", () => {
  for (const code of SIGN_IN_ERRORS.keys()) {
    const { fixer, remedy } = explainSignInError(code.replace(/^\d/, "AADSTS$&"), "", "personal");
    assert.notEqual(fixer, "tenant-admin", code);
    assert.doesNotMatch(remedy, /the administrator of your organisation/, code);
  }
  const { title, fixer } = explainSignInError("AADSTS53003", "", "personal");
  assert.deepEqual([title, fixer], ["Microsoft blocks this sign-in", "user"]);
});

Deno.test("explainReason() explains what reasonOf() has written", () => {
  const reason = reasonOf("AADSTS1234567", "invalid_grant", "Something: (new) happened.");
  assert.equal(reason, "AADSTS1234567 (invalid_grant): Something: (new) happened.");
  const { code, cause, outcome } = explainReason(reason);
  assert.deepEqual(
    [code, cause, outcome],
    ["AADSTS1234567", "Something: (new) happened.", "sign-in-required"],
  );
  assert.equal(reasonOf("invalid_grant", "invalid_grant", undefined), "invalid_grant");
  const known = explainReason(reasonOf("AADSTS50173", "invalid_grant", "It was revoked."));
  assert.deepEqual([known.title, known.detail], ["The sign-in was revoked", "It was revoked."]);
});

Deno.test("explainSignInError() is not fooled by names that every object has", () => {
  for (const name of ["constructor", "__proto__", "toString", ""]) {
    assert.equal(explainSignInError(name).known, false, name);
  }
});

Deno.test("explainReason() explains what the database keeps", () => {
  assert.equal(explainReason("AADSTS50173").title, "The sign-in was revoked");
  assert.equal(explainReason(undefined).code, "invalid_grant");
});

Deno.test("explainReply() sends nobody to a sign-in for a mailbox that nobody signs in to", () => {
  const replies = [
    [535, "5.7.3 Authentication unsuccessful"],
    [535, "5.9.9 something new"],
    [430, "4.2.0 STOREDRV; mailbox logon failure"],
    [554, "5.2.252 SendAsDenied; scanner@contoso.com not allowed to send as boss@contoso.com"],
    [535, "5.7.139 SmtpClientAuthentication is disabled for the Mailbox."],
  ] as const;
  for (const [code, text] of replies) {
    const explanation = explainReply(`${code} ${text}`, "scanner@contoso.com", "mailbox");
    assert.equal(explanation?.fixer, "tenant-admin", text);
    assert.doesNotMatch(explanation.remedy, /[Ss]ign in/, text);
    assert.match(explanation.command!, /^(Add|Set)-/, text);
  }
});

Deno.test("explainReply() finds the reply, its cause and the administrator's command", () => {
  const explain = (code: number, text: string) =>
    explainReply(`${code} ${text}`, "nora@contoso.com");
  const tenant = explain(535, `${DISABLED} Tenant. Visit https://aka.ms/smtp_auth_disabled`);
  assert.equal(tenant?.fixer, "tenant-admin");
  assert.match(tenant?.title ?? "", /whole organisation/);
  assert.equal(
    tenant?.command,
    "Set-CASMailbox -Identity nora@contoso.com -SmtpClientAuthenticationDisabled $false",
  );
  assert.match(explain(535, `${DISABLED} Mailbox.`)?.title ?? "", /this mailbox/);
  assert.equal(explain(535, "5.7.3 Authentication unsuccessful")?.fixer, "user");
  assert.equal(explain(432, "4.3.2 Concurrent connections limit exceeded")?.fixer, "nobody");
  assert.equal(explain(554, "5.2.252 SendAsDenied; nora")?.title, "The sender is not yours");
  assert.equal(
    explain(554, "5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiException")?.title,
    "The sender is not yours",
  );
  assert.match(explain(554, "5.2.0 x SubmissionQuotaExceededException")?.title ?? "", /limit/);
  assert.match(explain(501, "5.5.127 Token will expire soon")?.title ?? "", /expire/);
  assert.equal(explain(535, "5.7.139 something new")?.code, "535 5.7.139");
});

Deno.test("explainReply() has words for what Microsoft says about blocks and limits", () => {
  const expected: [number, string, Fixer, RegExp][] = [
    [
      550,
      "5.7.30 Basic authentication is not supported for Client Submission.",
      "operator",
      /password/,
    ],
    [501, "5.5.124 Invalid XOAUTH2 data", "operator", /read/],
    [504, "5.7.4 Unrecognized authentication type", "operator", /XOAUTH2/],
    [550, "5.1.8 Access denied, bad outbound sender", "tenant-admin", /Restricted entities/],
    [550, "5.7.501 Access denied, spam abuse detected", "tenant-admin", /Restricted entities/],
    [550, "5.7.705 Access denied, tenant has exceeded threshold", "tenant-admin", /organisation/],
    [550, "5.7.708 Access denied, traffic not accepted from this IP", "tenant-admin", /new|trial/],
    [550, "5.7.232 your trial tenant has exceeded its daily limit", "tenant-admin", /daily limit/],
    [550, "5.7.233 your tenant exceeded its daily limit", "tenant-admin", /daily limit/],
    [550, "5.7.236 the limit for onmicrosoft.com", "tenant-admin", /onmicrosoft\.com/],
    [550, "5.1.90 you've reached your daily limit", "nobody", /daily limit/],
    [554, "5.2.0 x MessageSubmissionExceededException", "nobody", /daily limit/],
    [554, "5.2.0 x QuotaExceededException", "nobody", /daily limit/],
    [554, "5.2.0 x OutboundSpamException", "tenant-admin", /spam/],
    [430, "4.2.0 STOREDRV; mailbox logon failure", "nobody", /no rights/],
    [432, "4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", "nobody", /at a time/],
  ];
  for (const [code, text, fixer, words] of expected) {
    const explanation = explainReply(`${code} ${text}`)!;
    assert.ok(explanation.known, text);
    assert.equal(explanation.fixer, fixer, text);
    assert.match(`${explanation.title} ${explanation.cause} ${explanation.remedy}`, words);
  }
});

Deno.test("explainReply() sends no owner of a personal account to an administrator", () => {
  const administrator = /[Aa]dministrator|organisation|PowerShell/;
  for (const row of SMTP_REPLIES) {
    const { fixer, title, cause, remedy, smtpText, command } = row.personal ?? row;
    assert.notEqual(fixer, "tenant-admin", title);
    assert.equal(command, undefined, title);
    assert.doesNotMatch(`${title} ${cause} ${remedy} ${smtpText}`, administrator);
  }
  const off = explainReply(`535 ${DISABLED} Mailbox.`, "nora@outlook.com", "personal");
  assert.match(off!.remedy, /outlook\.com/);
});

Deno.test("explainReply() tells a full mailbox from a limit, though both texts name a quota", () => {
  const full =
    "5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded";
  assert.equal(explainReply(`554 ${full}`)?.title, "The mailbox is full");
});

const ADMINISTRATOR = /\b[Aa]dministrator|\borganisation/;
const KINDS = ["personal", "work", "mailbox"] as const;

Deno.test("every refusal that the simulation knows has words for every kind of account", () => {
  for (const [id, { reply }] of Object.entries(SUBMISSION_TROUBLES)) {
    for (const kind of KINDS) {
      const explanation = explainReply(reply, undefined, kind);
      assert.ok(explanation?.known, id);
      const { title, cause, remedy, smtpText } = explanation;
      if (kind === "personal") {
        assert.doesNotMatch(title + cause + remedy + smtpText, ADMINISTRATOR);
      }
      if (reply.startsWith("5") && id !== "token-ends-soon") {
        assert.doesNotMatch(remedy, /^Nothing/);
      }
    }
  }
});

Deno.test("every error that the simulation knows has words for every kind of account", () => {
  // This one only asks to wait.
  const { AADSTS70016: _pending, ...errors } = IDENTITY_ERRORS;
  for (const [code, { error, text, stages }] of Object.entries<IdentityError>(errors)) {
    for (const kind of KINDS) {
      const { known, title, cause, remedy } = explainSignInError(error, `${code}: ${text}`, kind);
      assert.ok(known, code);
      if (kind === "personal") assert.doesNotMatch(title + cause + remedy, ADMINISTRATOR, code);
      const asksNobody = kind === "mailbox" && stages.includes("application");
      if (asksNobody) assert.doesNotMatch(remedy, /[Ss]ign in/, code);
    }
  }
});

Deno.test("nobody who waits before the sign-in page is told to wait for the proxy, or of a former sign-in", () => {
  const unknown = ["server_error", "temporarily_unavailable", "invalid_grant"]
    .map((error) => explainSignInError(error, "AADSTS99999999: something new"));
  const known = Object.entries<IdentityError>(IDENTITY_ERRORS).map(([code, { error, text }]) =>
    explainSignInError(error, `${code}: ${text}`)
  );
  for (const { atSignIn, ...renewal } of [...known, ...unknown]) {
    const { title, cause, remedy, fixer, code } = { ...renewal, ...atSignIn };
    assert.doesNotMatch(title + remedy, /Nothing to do|by itself|any more|new sign-in$/, code);
    if (fixer === "nobody") assert.fail(`${code}: ${title} ${cause}`);
  }
});

Deno.test("explainReply() passes unknown replies through and leaves success alone", () => {
  assert.equal(explainReply("250 2.0.0 OK"), undefined);
  assert.equal(explainReply("354 go ahead"), undefined);
  const unknown = explainReply("550 5.9.9 Nobody\u0007 knows\r\n<b>why</b>");
  assert.equal(unknown?.code, "550 5.9.9");
  assert.equal(unknown?.known, false);
  assert.equal(unknown?.cause, "5.9.9 Nobody knows <b>why</b>");
  assert.equal(explainReply("452 4.9.9 later")?.fixer, "nobody");
});

Deno.test("explainReply() puts no mailbox into a command that PowerShell could misread", () => {
  for (const mailbox of ["a;rm@x.y", "$(x)@y", "-Force@x", "a b@x", "`x`@y", undefined]) {
    const command = explainReply(`535 ${DISABLED} Tenant`, mailbox)?.command;
    assert.match(command!, /-Identity MAILBOX -Smtp/);
  }
});

Deno.test("refusalText() repeats no enhanced code, and knows personal accounts", () => {
  assert.equal(refusalText(new Reply(454, "4.7.0", "Try later")), "Try later");
  const blocked = new Reply(550, "5.1.8", "Access denied");
  assert.match(refusalText(blocked, "work"), /administrator/);
  assert.doesNotMatch(refusalText(blocked, "personal"), /administrator/);
});

Deno.test("W7: displayText() leaves one line without control or invisible characters", () => {
  const hostile = "a\r\nb\0c\x1b[31md\u202ee\u2028f\u200bg";
  assert.equal(displayText(hostile), "a b c [31md e f g");
  assert.equal(displayText("x".repeat(1000)).length, 300);
});

Deno.test("toSmtpText() gives printable ASCII that fits a reply line", () => {
  assert.equal(toSmtpText("Jürgen’s “box”…\n"), `J?rgen's "box"...`);
  assert.ok(toSmtpText("x".repeat(1000)).length <= 202);
});

Deno.test("signInRequiredText() says where to go, and why", () => {
  assert.equal(
    signInRequiredText("AADSTS50173", "work", "https://mail.example/"),
    "Sign in with Microsoft again at https://mail.example/ - The sign-in was revoked (AADSTS50173)",
  );
  assert.match(signInRequiredText(undefined, undefined), /on the proxy's web page/);
});

Deno.test("the tables are complete, and their SMTP texts fit a reply line", () => {
  const rows: Pick<SmtpReplyRow, "title" | "cause" | "remedy" | "smtpText">[] = [
    ...SIGN_IN_ERRORS.keys().map((code) => explainSignInError(code.replace(/^\d/, "AADSTS$&"))),
    ...SMTP_REPLIES,
    ...SMTP_REPLIES.flatMap(({ personal }) => personal ?? []),
  ];
  assert.ok(SIGN_IN_ERRORS.size > 60 && SMTP_REPLIES.length > 15);
  for (const { title, cause, remedy, smtpText = title } of rows) {
    assert.match(title, /^[A-Z].*[^.]$/);
    assert.match(cause, /^[A-Z].*\.$/);
    assert.match(remedy, /^[A-Z].*\.$/);
    assert.match(smtpText, /^[\x20-\x7e]{10,200}$/);
  }
});
