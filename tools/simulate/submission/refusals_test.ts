import assert from "node:assert/strict";
import { person } from "../people.ts";
import type { SubmissionStage } from "../troubles/stages.ts";
import { SUBMISSION_TROUBLES } from "../troubles/submission_troubles.ts";
import { MESSAGE, NORA, SubmissionFixture } from "./testing.ts";

const WORK = "office@contoso.example";
const FOREIGN = "boss@fabrikam.example";
const SLOW_MS = 7_000;

/** Takes a client up to a step. @returns the reply that ends it. */
const STEPS: Record<SubmissionStage, (fixture: SubmissionFixture) => Promise<string>> = {
  connect: async (fixture) => {
    using connection = await Deno.connect({ hostname: "localhost", port: fixture.server.port });
    const greeting = new Uint8Array(512);
    const length = await connection.read(greeting);
    return new TextDecoder().decode(greeting.subarray(0, length ?? 0));
  },
  auth: (fixture) => fixture.authenticate(NORA),
  mail: async (fixture) => {
    using client = await fixture.logIn();
    return await client.command(`MAIL FROM:<${FOREIGN}>`);
  },
  message: (fixture) => fixture.send(),
};

Deno.test("each reply is one line with reply code and an enhanced code of its class", () => {
  for (const [id, { reply }] of Object.entries(SUBMISSION_TROUBLES)) {
    const [, replyClass, codeClass] = /^([45])\d\d ([45])\.\d\.\d{1,3} \S/.exec(reply) ?? [];
    assert.equal(codeClass, replyClass, id);
    assert.doesNotMatch(reply, /[\r\n]/, id);
  }
});

for (
  const [stage, id] of [
    ["connect", "service-not-active"],
    ["auth", "too-many-connections"],
    ["mail", "proxy-busy"],
    ["message", "outbound-spam"],
  ] as const
) {
  Deno.test(`a trouble shows at the step ${stage}, in Microsoft's words`, async () => {
    await using fixture = await SubmissionFixture.open();
    const scope = stage === "connect" ? "everyone" : { mailbox: NORA };
    fixture.troubles.set(scope, id, { stages: [stage] });
    const said = await STEPS[stage](fixture);
    // What is filled in comes after the first words.
    const [start = ""] = SUBMISSION_TROUBLES[id].reply.split("{", 1);
    assert.ok(said.startsWith(start), said);
    assert.doesNotMatch(said, /[{}]/);
    fixture.troubles.clear();
    assert.match(await fixture.send(), /^250 /);
  });
}

Deno.test("a trouble shows for one mailbox, for one organisation, or for everyone", async () => {
  await using fixture = await SubmissionFixture.open();
  const { troubles } = fixture;
  troubles.set({ mailbox: NORA }, "mailbox-full");
  assert.match(await fixture.send(), /^554 5\.2\.2 /);
  assert.match(await fixture.send({ user: WORK }), /^250 /);
  troubles.clear();

  troubles.set({ tenant: person(WORK).tenantId }, "tenant-blocked");
  assert.match(await fixture.send({ user: WORK }), /^550 5\.7\.705 /);
  assert.match(await fixture.send({ user: "amara@fabrikam.example" }), /^250 /);
  assert.match(await fixture.send(), /^250 /);
  troubles.clear({ tenant: "contoso.example" }, "tenant-blocked");
  assert.match(await fixture.send({ user: WORK }), /^250 /);

  troubles.set("everyone", "service-not-active", { stages: ["auth"] });
  assert.match(await fixture.authenticate(WORK), /^421 4\.3\.2 /);
});

Deno.test("the narrower of two troubles shows", async () => {
  await using fixture = await SubmissionFixture.open();
  fixture.troubles.set({ tenant: "contoso.example" }, "smtp-auth-off-tenant");
  fixture.troubles.set({ mailbox: WORK }, "smtp-auth-off-mailbox");
  assert.match(await fixture.authenticate(WORK), /disabled for the Mailbox/);
  assert.match(await fixture.authenticate("u4711@contoso.example"), /disabled for the Tenant/);
});

Deno.test("a trouble may show a number of times", async () => {
  await using fixture = await SubmissionFixture.open();
  fixture.troubles.set({ mailbox: NORA }, "not-authenticated", { times: 1 });
  using client = await fixture.logIn();
  assert.match(await client.command(`MAIL FROM:<${NORA}>`), /^530 5\.7\.57 /);
  assert.match(await client.command(`MAIL FROM:<${NORA}>`), /^250 /);
  assert.deepEqual(fixture.troubles.list, []);
});

Deno.test("a trouble that shows at once ends the idle sessions of those who have it", async () => {
  await using fixture = await SubmissionFixture.open();
  using idle = await fixture.logIn();
  using busy = await fixture.logIn();
  using other = await fixture.logIn(WORK);
  assert.match(await busy.command(`MAIL FROM:<${NORA}>`), /^250 /);
  fixture.troubles.set({ mailbox: NORA }, "smtp-auth-off-mailbox", { atOnce: true });
  await assert.rejects(idle.reply(), /ended/);
  assert.match(await busy.command("RSET"), /^250 /);
  assert.match(await other.command("NOOP"), /^250 /);
});

Deno.test("421 ends the connection", async () => {
  await using fixture = await SubmissionFixture.open();
  fixture.troubles.set({ mailbox: NORA }, "service-not-active");
  using client = await fixture.logIn();
  assert.match(await client.command(`MAIL FROM:<${NORA}>`), /^421 4\.3\.2 Service not active /);
  await assert.rejects(client.reply(), /ended/);
});

for (
  const [name, trouble] of [
    ["535 5.7.139", "smtp-auth-off-mailbox"],
    ["535 5.7.3", "token-refused"],
  ] as const
) {
  Deno.test(`${name} comes late where a delay is set`, async () => {
    await using fixture = await SubmissionFixture.open();
    fixture.server.refusalDelayMs = SLOW_MS;
    fixture.troubles.set({ mailbox: NORA }, trouble);
    const begun = fixture.clock.nextDelay();
    const reply = fixture.authenticate(NORA);
    assert.equal(await begun, SLOW_MS);
    await fixture.clock.advance(SLOW_MS);
    assert.match(await reply, new RegExp(`^${name.replaceAll(".", "\\.")} `));
  });
}

Deno.test("other refusals do not come late, unless they are told to", async () => {
  await using fixture = await SubmissionFixture.open();
  fixture.server.refusalDelayMs = SLOW_MS;
  fixture.troubles.set({ mailbox: NORA }, "mailbox-full");
  assert.match(await fixture.send(), /^554 /);

  fixture.troubles.set({ mailbox: NORA }, "mailbox-full", { delayMs: 1_000 });
  const begun = fixture.clock.nextDelay();
  const reply = fixture.send({ content: MESSAGE });
  assert.equal(await begun, 1_000);
  await fixture.clock.advance(1_000);
  assert.match(await reply, /^554 /);
});

Deno.test("a server that stops waits for no late refusal", async () => {
  await using fixture = await SubmissionFixture.open();
  fixture.server.refusalDelayMs = SLOW_MS;
  const begun = fixture.clock.nextDelay();
  const cut = assert.rejects(fixture.authenticate(NORA, "wrong"));
  await begun;
  await fixture.server[Symbol.asyncDispose]();
  await cut;
});
