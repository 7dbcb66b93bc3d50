import assert from "node:assert/strict";
import {
  explainReason,
  explainSignInError,
  explainSmtpReply,
  type Explanation,
  type Fixer,
  sanitizeText,
  signInRequiredText,
  toSmtpText,
} from "./explain.ts";
import { SIGN_IN_ERRORS } from "./sign_in_errors.ts";
import { SMTP_REPLIES } from "./smtp_replies.ts";

const DISABLED =
  "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the";

Deno.test("explainSignInError() tells who can repair what", () => {
  const expected: [number, Fixer, RegExp][] = [
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
    [900144, "operator", /MICROSOFT_TENANT/],
  ];
  for (const [number, fixer, text] of expected) {
    const explanation = explainSignInError("invalid_grant", `AADSTS${number}: Something.`);
    assert.equal(explanation.code, `AADSTS${number}`);
    assert.equal(explanation.known, true);
    assert.equal(explanation.fixer, fixer, explanation.code);
    assert.match(`${explanation.title} ${explanation.cause} ${explanation.remedy}`, text);
  }
});

Deno.test("explainSignInError() falls back to the OAuth error, then to Microsoft's own text", () => {
  assert.equal(explainSignInError("invalid_client").outcome, "registration");
  const unknown = explainSignInError(
    "odd_error",
    "AADSTS1234567: Something new happened. Trace ID: 1-2 Correlation ID: 3 Timestamp: 4",
  );
  assert.equal(unknown.code, "AADSTS1234567");
  assert.equal(unknown.known, false);
  assert.equal(unknown.outcome, undefined);
  assert.equal(unknown.cause, "AADSTS1234567: Something new happened.");
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

Deno.test("explainSmtpReply() finds the reply, its cause and the administrator's command", () => {
  const explain = (code: number, text: string) => explainSmtpReply(code, text, "nora@contoso.com");
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

Deno.test("explainSmtpReply() passes unknown replies through and leaves success alone", () => {
  assert.equal(explainSmtpReply(250, "2.0.0 OK"), undefined);
  assert.equal(explainSmtpReply(354, "go ahead"), undefined);
  const unknown = explainSmtpReply(550, "5.9.9 Nobody\u0007 knows\r\n<b>why</b>");
  assert.equal(unknown?.code, "550 5.9.9");
  assert.equal(unknown?.known, false);
  assert.equal(unknown?.cause, "5.9.9 Nobody knows <b>why</b>");
  assert.equal(explainSmtpReply(452, "4.9.9 later")?.fixer, "nobody");
});

Deno.test("explainSmtpReply() puts no mailbox into a command that PowerShell could misread", () => {
  for (const mailbox of ["a;rm@x.y", "$(x)@y", "-Force@x", "a b@x", "`x`@y", undefined]) {
    const command = explainSmtpReply(535, `${DISABLED} Tenant`, mailbox)?.command;
    assert.match(command!, /-Identity MAILBOX -Smtp/);
  }
});

Deno.test("W7: sanitizeText() leaves one line without control or invisible characters", () => {
  const hostile = "a\r\nb\0c\x1b[31md\u202ee\u2028f\u200bg";
  assert.equal(sanitizeText(hostile), "a b c [31md e f g");
  assert.equal(sanitizeText("x".repeat(1000)).length, 300);
});

Deno.test("toSmtpText() gives printable ASCII that fits a reply line", () => {
  assert.equal(toSmtpText("Jürgen’s “box”…\n"), `J?rgen's "box"...`);
  assert.ok(toSmtpText("x".repeat(1000)).length <= 202);
});

Deno.test("signInRequiredText() says where to go, and why", () => {
  assert.equal(
    signInRequiredText("AADSTS50173", "https://mail.example/"),
    "Sign in with Microsoft again at https://mail.example/ - The sign-in was revoked (AADSTS50173)",
  );
  assert.match(signInRequiredText(undefined), /on the proxy's web page/);
});

Deno.test("the tables are complete, and their SMTP texts fit a reply line", () => {
  const rows: Pick<Explanation, "title" | "cause" | "remedy" | "smtpText">[] = [
    ...SIGN_IN_ERRORS.keys().map((code) => explainSignInError(code.replace(/^\d/, "AADSTS$&"))),
    ...SMTP_REPLIES,
  ];
  assert.ok(SIGN_IN_ERRORS.size > 60 && SMTP_REPLIES.length > 15);
  for (const { title, cause, remedy, smtpText } of rows) {
    assert.match(title, /^[A-Z].*[^.]$/);
    assert.match(cause, /^[A-Z].*\.$/);
    assert.match(remedy, /^[A-Z].*\.$/);
    assert.match(smtpText, /^[\x20-\x7e]{10,200}$/);
  }
});
