import assert from "node:assert/strict";
import { Directory } from "../directory.ts";
import { person } from "../people.ts";
import { isTroubleId, type Subject, TROUBLES, Troubles } from "./troubles.ts";

const NORA = person("nora@outlook.example");
const WORK = person("office@contoso.example");
const APPLICATION = "11111111-2222-4333-8444-555555555555";

function subjectOf({ objectId, tenantId }: Subject): Subject {
  return { objectId, tenantId, applicationId: APPLICATION };
}

Deno.test("Troubles looks up mailbox, registration, organisation and everyone, in this order", () => {
  const troubles = new Troubles(new Directory());
  const told = () => {
    const fault = troubles.meet("refresh", subjectOf(WORK))?.trouble.fault;
    return fault?.kind === "error" ? fault.code : undefined;
  };
  troubles.set("everyone", "AADSTS90033");
  assert.equal(told(), "AADSTS90033");
  troubles.set({ tenant: "contoso.example" }, "AADSTS53003");
  assert.equal(told(), "AADSTS53003");
  troubles.set({ application: APPLICATION.toUpperCase() }, "AADSTS7000222");
  assert.equal(told(), "AADSTS7000222");
  troubles.set({ mailbox: WORK.address }, "AADSTS50053");
  assert.equal(told(), "AADSTS50053");
  troubles.clear({ mailbox: WORK.address });
  assert.equal(told(), "AADSTS7000222");
});

Deno.test("Troubles.meet() minds the stage", () => {
  const troubles = new Troubles(new Directory());
  troubles.set({ tenant: "consumers" }, "AADSTS50173");
  assert.ok(troubles.meet("refresh", subjectOf(NORA)));
  assert.equal(troubles.meet("authorization", subjectOf(NORA)), undefined);
  assert.equal(troubles.meet("refresh", subjectOf(WORK)), undefined);
  troubles.set({ tenant: "consumers" }, "AADSTS50173", { stages: ["authorization"] });
  assert.equal(troubles.meet("refresh", subjectOf(NORA)), undefined);
  assert.ok(troubles.meet("authorization", subjectOf(NORA)));
});

Deno.test("Troubles.heal() ends for one person what a sign-in heals, and nothing else", () => {
  const troubles = new Troubles(new Directory());
  troubles.set({ tenant: "contoso.example" }, "AADSTS50173");
  troubles.set({ mailbox: WORK.address }, "AADSTS53003", { stages: ["authorization"] });
  troubles.heal("sign-in", subjectOf(WORK));
  assert.equal(troubles.meet("refresh", subjectOf(WORK)), undefined);
  assert.ok(troubles.meet("authorization", subjectOf(WORK)));
  const colleague = person("u4711@contoso.example");
  assert.ok(troubles.meet("refresh", subjectOf(colleague)));
});

Deno.test("Troubles.heal() ends for a whole organisation what its administrator consents to", () => {
  const troubles = new Troubles(new Directory());
  const other = person("amara@fabrikam.example");
  troubles.set({ mailbox: WORK.address }, "AADSTS90094");
  troubles.set({ application: APPLICATION }, "AADSTS65001");
  troubles.heal("admin-consent", { tenantId: WORK.tenantId, applicationId: APPLICATION });
  assert.equal(troubles.meet("authorization", subjectOf(WORK)), undefined);
  assert.ok(troubles.meet("authorization", subjectOf(other)));
  assert.deepEqual(troubles.list.map(({ id }) => id), ["AADSTS65001"]);
});

Deno.test("Troubles tells which troubles have to show at once", () => {
  const troubles = new Troubles(new Directory());
  const told: unknown[] = [];
  troubles.whenAtOnce((scope, { name }) => told.push([scope, name]));
  troubles.set({ mailbox: NORA.address }, "AADSTS50173");
  troubles.set({ tenant: "contoso.example" }, "AADSTS65001", { atOnce: true });
  assert.deepEqual(told, [[{ tenant: "contoso.example" }, "AADSTS65001"]]);
});

Deno.test("every trouble says in one sentence what it stands for", () => {
  for (const [id, { name, meaning, stages }] of Object.entries(TROUBLES)) {
    assert.ok(isTroubleId(id));
    assert.ok(name.length > 0 && stages.length > 0, id);
    assert.match(meaning, /^[A-Z].*[^.]\.$/, id);
    assert.ok(!/\. [A-Z]/.test(meaning), `${id} has more than one sentence`);
  }
});
