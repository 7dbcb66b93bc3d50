import assert from "node:assert/strict";
import { person } from "../people.ts";
import type { SubmissionStage } from "../troubles/stages.ts";
import { SUBMISSION_TROUBLES } from "../troubles/submission_troubles.ts";
import { MESSAGE, NORA, SubmissionScene } from "./testing.ts";

const WORK = "office@contoso.example";
const FOREIGN = "boss@fabrikam.example";
const SLOW_MS = 7_000;

/** Takes a client up to a step. @returns the reply that ends it. */
const STEPS: Record<SubmissionStage, (scene: SubmissionScene) => Promise<string>> = {
  connect: async (scene) => {
    using connection = await Deno.connect({ hostname: "localhost", port: scene.server.port });
    const greeting = new Uint8Array(512);
    const length = await connection.read(greeting);
    return new TextDecoder().decode(greeting.subarray(0, length ?? 0));
  },
  auth: (scene) => scene.authenticate(NORA),
  mail: async (scene) => {
    using client = await scene.logIn();
    return await client.command(`MAIL FROM:<${FOREIGN}>`);
  },
  message: (scene) => scene.send(),
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
    await using scene = await SubmissionScene.start();
    const scope = stage === "connect" ? "everyone" : { mailbox: NORA };
    scene.troubles.set(scope, id, { stages: [stage] });
    const said = await STEPS[stage](scene);
    // What is filled in comes after the first words.
    const [start = ""] = SUBMISSION_TROUBLES[id].reply.split("{", 1);
    assert.ok(said.startsWith(start), said);
    assert.doesNotMatch(said, /[{}]/);
    scene.troubles.clear();
    assert.match(await scene.send(), /^250 /);
  });
}

Deno.test("a trouble shows for one mailbox, for one organisation, or for everyone", async () => {
  await using scene = await SubmissionScene.start();
  const { troubles } = scene;
  troubles.set({ mailbox: NORA }, "mailbox-full");
  assert.match(await scene.send(), /^554 5\.2\.2 /);
  assert.match(await scene.send({ user: WORK }), /^250 /);
  troubles.clear();

  troubles.set({ tenant: person(WORK).tenantId }, "tenant-blocked");
  assert.match(await scene.send({ user: WORK }), /^550 5\.7\.705 /);
  assert.match(await scene.send({ user: "amara@fabrikam.example" }), /^250 /);
  assert.match(await scene.send(), /^250 /);
  troubles.clear({ tenant: "contoso.example" }, "tenant-blocked");
  assert.match(await scene.send({ user: WORK }), /^250 /);

  troubles.set("everyone", "service-not-active", { stages: ["auth"] });
  assert.match(await scene.authenticate(WORK), /^421 4\.3\.2 /);
});

Deno.test("the narrower of two troubles shows", async () => {
  await using scene = await SubmissionScene.start();
  scene.troubles.set({ tenant: "contoso.example" }, "smtp-auth-off-tenant");
  scene.troubles.set({ mailbox: WORK }, "smtp-auth-off-mailbox");
  assert.match(await scene.authenticate(WORK), /disabled for the Mailbox/);
  assert.match(await scene.authenticate("u4711@contoso.example"), /disabled for the Tenant/);
});

Deno.test("a trouble may show a number of times", async () => {
  await using scene = await SubmissionScene.start();
  scene.troubles.set({ mailbox: NORA }, "not-authenticated", { times: 1 });
  using client = await scene.logIn();
  assert.match(await client.command(`MAIL FROM:<${NORA}>`), /^530 5\.7\.57 /);
  assert.match(await client.command(`MAIL FROM:<${NORA}>`), /^250 /);
  assert.deepEqual(scene.troubles.list, []);
});

Deno.test("a trouble that shows at once ends the idle sessions of those who have it", async () => {
  await using scene = await SubmissionScene.start();
  using idle = await scene.logIn();
  using busy = await scene.logIn();
  using other = await scene.logIn(WORK);
  assert.match(await busy.command(`MAIL FROM:<${NORA}>`), /^250 /);
  scene.troubles.set({ mailbox: NORA }, "smtp-auth-off-mailbox", { atOnce: true });
  await assert.rejects(idle.reply(), /ended/);
  assert.match(await busy.command("RSET"), /^250 /);
  assert.match(await other.command("NOOP"), /^250 /);
});

Deno.test("421 ends the connection", async () => {
  await using scene = await SubmissionScene.start();
  scene.troubles.set({ mailbox: NORA }, "service-not-active");
  using client = await scene.logIn();
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
    await using scene = await SubmissionScene.start();
    scene.server.refusalDelayMs = SLOW_MS;
    scene.troubles.set({ mailbox: NORA }, trouble);
    const begun = scene.clock.nextDelay();
    const reply = scene.authenticate(NORA);
    assert.equal(await begun, SLOW_MS);
    scene.clock.advance(SLOW_MS);
    assert.match(await reply, new RegExp(`^${name.replaceAll(".", "\\.")} `));
  });
}

Deno.test("other refusals do not come late, unless they are told to", async () => {
  await using scene = await SubmissionScene.start();
  scene.server.refusalDelayMs = SLOW_MS;
  scene.troubles.set({ mailbox: NORA }, "mailbox-full");
  assert.match(await scene.send(), /^554 /);

  scene.troubles.set({ mailbox: NORA }, "mailbox-full", { delayMs: 1_000 });
  const begun = scene.clock.nextDelay();
  const reply = scene.send({ content: MESSAGE });
  assert.equal(await begun, 1_000);
  scene.clock.advance(1_000);
  assert.match(await reply, /^554 /);
});

Deno.test("a server that stops waits for no late refusal", async () => {
  await using scene = await SubmissionScene.start();
  scene.server.refusalDelayMs = SLOW_MS;
  const begun = scene.clock.nextDelay();
  const cut = assert.rejects(scene.authenticate(NORA, "wrong"));
  await begun;
  await scene.server[Symbol.asyncDispose]();
  await cut;
});
