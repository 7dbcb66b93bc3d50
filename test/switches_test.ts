/**
 * The switches of the demo's panel, each of them: whatever goes wrong, the reply to the device, the activity page, the account
 * page, the test mail and the log name one cause, and one remedy for the same person. The pages are read as text; how the
 * panel works in a browser is in `browser/switches_test.ts`.
 */
import assert from "node:assert/strict";
import { type Fixer, PROXY_FAULTS, SIGN_IN_ERRORS, SMTP_REPLIES } from "../lib/explain/mod.ts";
import { ScriptedBrowser } from "../tools/simulate/browser.ts";
import { DEMO_APPLICATION } from "../tools/simulate/identity_provider.ts";
import {
  encodeScope,
  LATE,
  type ScopeKind,
  type Switch,
  SWITCHES,
} from "../tools/simulate/pages/panel_page.tsx";
import { PERSONAL_TENANT_ID } from "../tools/simulate/people.ts";
import { type Scope, TROUBLES } from "../tools/simulate/troubles/troubles.ts";
import { Owner, type Told, visibleText } from "./switches.ts";
import { eventually } from "./replicas/testbed.ts";
import { Testbed } from "./testbed.ts";

type Kind = "personal" | "work";

/** How a switch is told of: the reply's code, who can help, and the cause. */
type Expected = readonly [code: number, fixer: Fixer, title: string];

const SMTP_OFF: Expected = [535, "user", "Microsoft does not let this mailbox send by SMTP"];
const REVOKED: Expected = [535, "user", "The sign-in was revoked"];
const LOCKED: Expected = [454, "nobody", "The account is locked for a while"];
const BUSY: Expected = [454, "nobody", "Too many messages at the same time"];
const NOT_YOURS: Expected = [554, "user", "The sender is not yours"];
const DAILY: Expected = [554, "nobody", "The daily limit is reached"];
const FULL: Expected = [554, "user", "The mailbox is full"];
const NO_PERMISSION: Expected = [535, "user", "The permission to send mail is missing"];
const DISABLED: Expected = [454, "operator", "The app registration is disabled"];
const SECRET: Expected = [454, "operator", "The client secret has expired"];
const NO_SERVICE: Expected = [454, "nobody", "Microsoft's sign-in service is not available"];

/** By scope and switch, for each kind of account that has it; everybody else's are tried with a work account. */
const EXPECTED: Readonly<Record<string, Readonly<Partial<Record<Kind, Expected>>>>> = {
  "mailbox smtp-auth-off-mailbox": {
    personal: SMTP_OFF,
    work: [535, "tenant-admin", "Sending by SMTP is switched off for this mailbox"],
  },
  "mailbox AADSTS50173": { personal: REVOKED, work: REVOKED },
  "mailbox AADSTS50076": { work: [535, "user", "Multi-factor authentication is needed"] },
  "mailbox AADSTS50053": { personal: LOCKED, work: LOCKED },
  "mailbox AADSTS70000": {
    personal: [535, "user", "Microsoft does not accept the sign-in any more"],
  },
  "mailbox too-many-connections": { personal: BUSY, work: BUSY },
  "mailbox sender-not-allowed": { work: NOT_YOURS },
  "mailbox sender-not-allowed-personal": { personal: NOT_YOURS },
  "mailbox account-blocked": {
    work: [550, "tenant-admin", "Microsoft has blocked the mailbox for spam"],
  },
  "mailbox outbound-spam": { personal: [554, "user", "Microsoft has blocked the mailbox"] },
  "mailbox submission-quota": { personal: DAILY, work: DAILY },
  "mailbox mailbox-full": { personal: FULL, work: FULL },
  "mailbox mailbox-logon": { work: [430, "nobody", "Microsoft could not open the mailbox"] },
  "tenant smtp-auth-off-tenant": {
    personal: SMTP_OFF,
    work: [535, "tenant-admin", "Sending by SMTP is switched off for the whole organisation"],
  },
  "tenant tenant-blocked": {
    work: [550, "tenant-admin", "Microsoft has blocked the whole organisation"],
  },
  "tenant tenant-restricted": {
    work: [550, "tenant-admin", "Microsoft does not trust the organisation yet"],
  },
  "tenant security-defaults": {
    work: [535, "tenant-admin", "The organisation's rules block this sign-in"],
  },
  "tenant AADSTS53003": { work: [535, "tenant-admin", "Blocked by conditional access"] },
  "tenant AADSTS90094": { work: [250, "tenant-admin", "An administrator has to consent"] },
  "tenant AADSTS65001": { personal: NO_PERMISSION, work: NO_PERMISSION },
  "tenant AADSTS7000112": { personal: DISABLED, work: DISABLED },
  "tenant sender-not-allowed-at-mail": { work: [550, "user", "The sender is not yours"] },
  "application AADSTS7000222": { work: SECRET },
  "application AADSTS700016": { work: [454, "operator", "The app registration was not found"] },
  "application AADSTS7000112": { work: DISABLED },
  "everyone service-not-active": {
    work: [451, "nobody", "The submission server is not available"],
  },
  "everyone token-endpoint-unavailable": { work: NO_SERVICE },
  "everyone token-endpoint-throttles": { work: NO_SERVICE },
  "everyone token-endpoint-hangs": { work: NO_SERVICE },
  "everyone AADSTS7000222": { work: SECRET },
};

/** A switch of the panel, and an account that it is for. */
interface Case {
  readonly name: string;
  readonly kind: Kind;
  readonly scope: Scope;
  readonly one: Switch;
  readonly address: string;
  readonly expected: Expected;
}

const CASES: readonly Case[] = Object.entries(SWITCHES).flatMap(([scopeKind, list]) =>
  list.flatMap((one) => casesOf(scopeKind as ScopeKind, one))
);

function casesOf(scopeKind: ScopeKind, one: Switch): Case[] {
  const kinds = Object.entries(EXPECTED[`${scopeKind} ${one.id}`] ?? {}) as [Kind, Expected][];
  return kinds.map(([kind, expected]) => {
    // Each work account has an organisation of its own.
    const domain = kind === "work"
      ? `${scopeKind}.${one.id}.example`.toLowerCase()
      : "outlook.example";
    // The log shortens long names.
    const address = kind === "work"
      ? `me@${domain}`
      : `${scopeKind}.${one.id}@${domain}`.toLowerCase();
    const tenant = kind === "work" ? domain : PERSONAL_TENANT_ID;
    const scope = {
      mailbox: { mailbox: address },
      tenant: { tenant },
      application: { application: DEMO_APPLICATION.id },
      everyone: "everyone" as const,
    }[scopeKind];
    return { name: `${scopeKind} ${one.id}, ${kind}`, kind, scope, one, address, expected };
  });
}

Deno.test("each switch of the panel has a case for each kind of account that it is offered to", () => {
  const offered = Object.entries(SWITCHES).flatMap(([scopeKind, list]) =>
    list.flatMap(({ id, only }) => {
      const isForAll = scopeKind === "everyone" || scopeKind === "application";
      const kinds = isForAll ? ["work"] : only ? [only] : ["personal", "work"];
      return kinds.map((kind) => `${scopeKind} ${id}, ${kind}`);
    })
  );
  assert.deepEqual(CASES.map(({ name }) => name).sort(), offered.sort());
  assert.deepEqual(
    Object.keys(EXPECTED).filter((key) => !offered.some((one) => one.startsWith(`${key},`))),
    [],
    "cases without a switch",
  );
});

/** Fewer than the product takes from one network at the same time. */
const MOST_SIGN_INS = 6;

let bed: Testbed;
const owners = new Map<string, Owner>();

Deno.test.beforeAll(async () => {
  bed = await Testbed.serving();
  const addresses = [...CASES.map(({ address }) => address), ...LATE_ONES].values();
  await Promise.all(Array.from({ length: MOST_SIGN_INS }, async () => {
    for (const address of addresses) owners.set(address, await Owner.signIn(bed, address));
  }));
});
Deno.test.afterAll(async () => await bed[Symbol.asyncDispose]());

/** Presses a switch of the panel. */
async function press(scope: Scope, trouble: string, position: "on" | "off"): Promise<void> {
  const panel = bed.simulation.webPages.panelUrl;
  const { text } = await new ScriptedBrowser().post(panel, {
    for: encodeScope(scope),
    trouble,
    switch: position,
  });
  const isOn = text.includes(`name="trouble" value="${trouble}"`);
  assert.ok(isOn, `the panel has no switch ${trouble} for ${encodeScope(scope)}`);
}

/** Switches a trouble on, reads what everybody is told, and switches it off. */
async function meet(tried: Case): Promise<void> {
  const { scope, one, address, expected } = tried;
  const owner = owners.get(address)!;
  await press(scope, one.id, "on");
  try {
    if (expected[0] === 250) return await assertAskedAtSignIn(owner, expected);
    const isAboutSender = one.id === "sender-not-allowed-at-mail";
    const told = await owner.tell(isAboutSender ? "boss@contoso.example" : undefined);
    assertOneCause(told, tried, { alsoTestMail: !isAboutSender });
  } finally {
    await press(scope, one.id, "off");
  }
  if (!HEALS_LATE.test(one.id)) await assertHealed(owner, expected[2]);
}

/** A person or a pause has to pass before the next login works. */
const HEALS_LATE = /^(AADSTS|too-many-connections$|token-endpoint-throttles$)/;

/** Checks that those who have signed in go on sending, and that those who sign in now are told. */
async function assertAskedAtSignIn(owner: Owner, [, fixer, title]: Expected): Promise<void> {
  assert.match(await owner.send(), /^250 /);
  const text = visibleText((await owner.signInAgain()).text);
  assert.ok(text.includes(title) && text.includes(HEADINGS[fixer]), text);
}

/** Checks that a trouble that has passed leaves no trace on the account page, without anybody's doing. */
async function assertHealed(owner: Owner, title: string): Promise<void> {
  // The circuit breaker and the schedule of renewals let nothing through for a second.
  await eventually("it sends again", async () => (await owner.send()).startsWith("250"));
  assert.ok(!(await owner.accountPage()).includes(title));
}

const HEADINGS: Readonly<Record<Fixer, string>> = {
  "user": "What you can do:",
  "tenant-admin": "What an administrator of your organisation can do:",
  "operator": "What the operator of this service can do:",
  "nobody": "What to do:",
};

/** Every cause that the product knows. */
const TITLES = new Set([
  ...SMTP_REPLIES.flatMap((
    { title, personal, mailbox },
  ) => [title, personal?.title, mailbox?.title]),
  ...[...SIGN_IN_ERRORS.values(), ...PROXY_FAULTS.values()].map(({ title }) => title),
  "Not accepted for now",
  "Microsoft refused the message",
  "Microsoft could not take the message now",
  "Microsoft refused the request",
  "Microsoft refused the app registration",
  "Microsoft blocks this sign-in",
].filter((title) => title !== undefined));

/** Returns the causes that a text names, and of two that begin alike the longer one. */
function causesIn(text: string): string[] {
  const named = [...TITLES].filter((title) => text.includes(title));
  return named.filter((one) => !named.some((other) => other !== one && other.includes(one)));
}

const MICROSOFTS_WORDS = /Microsoft says: “[^”]*”/g;

function assertOneCause(
  told: Told,
  { kind, one, expected: [code, fixer, title] }: Case,
  { alsoTestMail = true } = {},
): void {
  const { reply, activity, account, testMail, log } = told;
  const all = JSON.stringify(told, null, 1);
  assert.ok(reply.startsWith(`${code} `), all);
  assert.ok(activity.includes(reply.split("\r\n")[0]!.slice(0, 60)), all);
  const hints = log.flatMap((line) => / hint="([^"]*)"/.exec(line)?.[1] ?? []).join("\n");
  const places = { activity, ...testMail && alsoTestMail && { testMail }, hints };
  for (const [place, text] of Object.entries(places)) {
    assert.deepEqual(causesIn(text.replace(MICROSOFTS_WORDS, "")), [title], `${place}: ${all}`);
  }
  const isShown = code === 535 || TROUBLES[one.id].service === "identity";
  assert.deepEqual(causesIn(account.replace(MICROSOFTS_WORDS, "")), isShown ? [title] : [], all);
  if (isShown) assert.ok(!account.includes("You need not do anything"), all);
  for (const text of [activity, testMail, isShown ? account : ""].filter((text) => text)) {
    const headings = Object.values(HEADINGS).filter((heading) => text.includes(heading));
    assert.deepEqual(headings, text.includes(title) ? [HEADINGS[fixer]] : [], all);
  }
  if (code >= 500) assert.ok(!`${activity}${testMail}${hints}`.includes("Nothing to do"), all);
  const ours = [reply, activity, testMail, hints, account].join("\n").replace(MICROSOFTS_WORDS, "");
  if (kind === "personal") assert.doesNotMatch(ours, /\b[Aa]dministrator|\borganisation/);
}

/** Accounts whose refusals come late, see {@linkcode LATE}. */
const LATE_ONES = ["late@outlook.example", "late@late.example"];

/** The same refusals as in time, after six seconds of silence. */
async function meetLate(address: string): Promise<void> {
  const inTime = CASES.find(({ name, address: other }) =>
    name.startsWith("mailbox smtp-auth-off-mailbox") &&
    other.endsWith("outlook.example") === address.endsWith("outlook.example")
  )!;
  await meet({ ...inTime, address, scope: { mailbox: address } });
}

const isThrottling = ({ one: { id } }: Case) => id === "too-many-connections";
/** Cases that disturb one another run one after the other. */
const isAlone = ({ scope, kind }: Case) =>
  scope === "everyone" || "application" in scope || "tenant" in scope && kind === "personal";
/** It stops the whole registration for half a minute. */
const isLast = ({ one: { id } }: Case) => id === "AADSTS7000222";

const TOGETHER = CASES.filter((one) => !isAlone(one) && !isThrottling(one));
const ALONE = CASES.filter(isAlone)
  .toSorted((one, other) => Number(isLast(one)) - Number(isLast(other)));

Deno.test("whatever is switched on, one cause and one remedy are told in all places", async (test) => {
  const step = (name: string, fn: () => Promise<void>) =>
    test.step({ name, fn, sanitizeOps: false, sanitizeResources: false, sanitizeExit: false });
  const stepOf = (one: Case) => step(one.name, () => meet(one));
  await Promise.all(TOGETHER.map(stepOf));
  await press("everyone", LATE, "on");
  await Promise.all([
    ...CASES.filter(isThrottling).map(stepOf),
    ...LATE_ONES.map((address) => step(`late refusal, ${address}`, () => meetLate(address))),
  ]);
  await press("everyone", LATE, "off");
  for (const one of ALONE) await stepOf(one);
});
