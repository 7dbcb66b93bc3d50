import assert from "node:assert/strict";
import { type ActivityRecordOptions, queueIdOf, recordActivity } from "./activity_record.ts";
import type { AccountRecord, NewDelivery, RefusedLogin } from "../store/store.ts";
import { Reply, type SmtpEvent } from "../../smtp/mod.ts";
import { settle } from "../testing/settle.ts";
import { delivery, SOME_ACCOUNT, SOME_CLIENT } from "../testing/smtp_events.ts";

const NOW_MS = 1_767_225_600_000;

function record(
  recipients: ActivityRecordOptions["recipients"],
  ...events: Parameters<ReturnType<typeof recordActivity>>[0][]
): NewDelivery[] {
  const recorded: NewDelivery[] = [];
  const observer = recordActivity({
    accounts: { listByName: () => assert.fail("no login") },
    deliveries: {
      record: (row) => Promise.resolve(void recorded.push(row)),
      recordRefusedLogin: () => assert.fail("no login"),
    },
    recipients,
    now: () => NOW_MS,
    onError: (error) => assert.fail(String(error)),
  });
  events.forEach(observer);
  return recorded;
}

Deno.test("recordActivity() keeps each delivery, and nothing else", () => {
  const other = { type: "connected", client: SOME_CLIENT, port: 587 } as const;
  assert.deepEqual(record("full", other, delivery()), [{
    stage: "data",
    refusedCount: 0,
    refusedReply: undefined,
    atMs: NOW_MS,
    accountId: "a1",
    appPasswordId: "p1",
    clientAddress: "192.0.2.7",
    sender: "anna@example.com",
    originalSender: undefined,
    originalFrom: undefined,
    recipientCount: 3,
    recipients: "bob@example.org, carol@example.org, dan@example.net",
    sizeOctets: 4096,
    durationMs: 321.5,
    reply: "250 2.0.0 OK <q1@X.PROD.OUTLOOK.COM> [Hostname=X.PROD.OUTLOOK.COM]",
    cause: undefined,
    queueId: "q1@X.PROD.OUTLOOK.COM",
    outcome: "accepted",
  }]);
});

Deno.test("S23: recordActivity() keeps the first refusals of an account in a minute, and all that was accepted", () => {
  const refused = delivery({ outcome: "refused" });
  const other = delivery({ outcome: "refused", account: { ...SOME_ACCOUNT, id: "a2" } });
  const kept = record("none", ...Array(500).fill(refused), other, ...Array(100).fill(delivery()));
  assert.equal(kept.filter(({ outcome }) => outcome === "accepted").length, 100);
  assert.equal(
    kept.filter(({ accountId, outcome }) => accountId === "a1" && outcome === "refused").length,
    60,
  );
  assert.equal(kept.filter(({ accountId }) => accountId === "a2").length, 1);
});

Deno.test("recordActivity() keeps the senders that were rewritten", () => {
  const originalFrom = "Scanner <scanner@device.local>";
  const header = { authors: [], senders: [], originalFrom, changes: [], repairs: [] };
  const rewritten = delivery({ originalReversePath: "scanner@device.local", header });
  const [kept] = record("full", rewritten);
  assert.equal(kept?.originalSender, "scanner@device.local");
  assert.equal(kept.originalFrom, originalFrom);
});

Deno.test("recordActivity() keeps as much of the recipients as it may", () => {
  assert.equal(record("domains", delivery())[0]?.recipients, "@example.org, @example.net");
  assert.equal(record("none", delivery())[0]?.recipients, undefined);
});

Deno.test("recordActivity() keeps a delivery whose client has left without a reply", () => {
  const [row] = record(
    "full",
    delivery({ outcome: "abandoned", reply: undefined, recipients: [] }),
  );
  assert.equal(row?.reply, undefined);
  assert.equal(row?.queueId, undefined);
  assert.equal(row?.recipients, "");
});

Deno.test("recordActivity() tells when a delivery cannot be kept", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const failure = new Error("disk full");
  const fail = () => Promise.reject(failure);
  recordActivity({
    accounts: { listByName: fail },
    deliveries: { record: fail, recordRefusedLogin: fail },
    recipients: "full",
    now: () => NOW_MS,
    onError: resolve,
  })(delivery());
  assert.equal(await promise, failure);
});

const REFUSAL = new Reply(550, "5.1.1", "No such user");

Deno.test("recordActivity() keeps a transaction whose recipients were refused, and to whom", () => {
  const refused = ["bob@example.org", "carol@example.org"]
    .map((forwardPath) => ({ forwardPath, reply: REFUSAL }));
  const changes = {
    stage: "rcpt",
    recipients: [],
    refused,
    outcome: "refused",
    reply: REFUSAL,
  } as const;
  const [row] = record("full", delivery(changes));
  assert.equal(row?.stage, "rcpt");
  assert.equal(row.recipientCount, 0);
  assert.equal(row.refusedCount, 2);
  assert.equal(row.recipients, "bob@example.org, carol@example.org");
  assert.equal(row.refusedReply, undefined);
  assert.equal(row.reply, "550 5.1.1 No such user");
});

Deno.test("recordActivity() keeps the reply to a recipient that an accepted message did not reach", () => {
  const refused = [{ forwardPath: "x@example.org", reply: REFUSAL }];
  const [row] = record("full", delivery({ refused }));
  assert.equal(row?.recipients, "bob@example.org, carol@example.org, dan@example.net");
  assert.equal(row.refusedCount, 1);
  assert.equal(row.refusedReply, "550 5.1.1 No such user");
});

Deno.test("recordActivity() keeps twenty recipients of a transaction, and the number of all", () => {
  const recipients = Array.from({ length: 500 }, (_, index) => `r${index}@example.org`);
  const [row] = record("full", delivery({ recipients }));
  assert.equal(row?.recipientCount, 500);
  assert.match(row.recipients!, /^r0@example\.org, .*r19@example\.org, …$/);
});

/** The refused logins that are recorded for these accounts. */
async function logins(
  accounts: readonly Partial<AccountRecord>[],
  changes: Partial<Extract<SmtpEvent, { type: "login" }>> = {},
): Promise<RefusedLogin[]> {
  const recorded: RefusedLogin[] = [];
  const asked: string[] = [];
  const observer = recordActivity({
    accounts: {
      listByName: (name) => (asked.push(name), Promise.resolve(accounts as AccountRecord[])),
    },
    deliveries: {
      record: () => assert.fail("no delivery"),
      recordRefusedLogin: (login) => Promise.resolve(void recorded.push(login)),
    },
    recipients: "full",
    now: () => NOW_MS,
    onError: (error) => assert.fail(String(error)),
  });
  observer({
    type: "login",
    client: SOME_CLIENT,
    username: "anna@example.com\r\n",
    failure: "invalid",
    reply: new Reply(535, "5.7.8", "Authentication failed"),
    durationMs: 500,
    ...changes,
  });
  await settle();
  assert.deepEqual(
    asked,
    changes.failure === undefined && "failure" in changes ? [] : ["anna@example.com"],
  );
  return recorded;
}

Deno.test("recordActivity() keeps a refused login of a known account, and of no other", async () => {
  assert.deepEqual(await logins([{ id: "a1", emailVerified: false }]), [{
    atMs: NOW_MS,
    accountId: "a1",
    clientAddress: "192.0.2.7",
    outcome: "refused",
    reply: "535 5.7.8 Authentication failed",
    cause: "proxy:535 5.7.8",
  }]);
  const reply = new Reply(454, "4.7.0", "Try again later");
  const [deferred] = await logins([{ id: "a1" }], { failure: "temporary", reply });
  assert.equal(deferred?.outcome, "deferred");
  assert.deepEqual(await logins([]), []);
  assert.deepEqual(await logins([{ id: "a1" }], { failure: undefined }), []);
});

Deno.test("W3: recordActivity() shows a refused login to nobody who merely claims the address", async () => {
  const accounts = [{ id: "a1", emailVerified: true }, { id: "a2", emailVerified: false }];
  assert.deepEqual((await logins(accounts)).map(({ accountId }) => accountId), ["a1"]);
});

Deno.test("queueIdOf() finds the name that a submission server gives a message", () => {
  assert.equal(queueIdOf("OK <abc@HOST> [Hostname=HOST]"), "abc@HOST");
  assert.equal(queueIdOf("Ok: queued as 4F2A91"), "4F2A91");
  assert.equal(queueIdOf("Accepted"), undefined);
});
