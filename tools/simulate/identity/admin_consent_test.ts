import assert from "node:assert/strict";
import { ScriptedBrowser } from "../browser.ts";
import { IdentityProvider, OFFICE_APPLICATION, PUBLIC_APPLICATION } from "../identity_provider.ts";
import { person } from "../people.ts";
import { REDIRECT_URI, TestClient } from "./testing.ts";

const ADMINISTRATOR = "office@contoso.example";
const STAFF = "u4711@contoso.example";
const CONTOSO = person(ADMINISTRATOR).tenantId;

/** Opens the link that an administrator gets, and makes a choice. */
async function visit(
  idp: IdentityProvider,
  choice: Record<string, string>,
  parameters: Record<string, string> = {},
  tenant = "organizations",
) {
  const url = new URL(`${idp.authority}/${tenant}/v2.0/adminconsent`);
  url.search = new URLSearchParams({
    client_id: PUBLIC_APPLICATION.id,
    redirect_uri: REDIRECT_URI,
    ...parameters,
  }).toString();
  const browser = new ScriptedBrowser(REDIRECT_URI);
  const first = await browser.get(url);
  const page = first.status === 200 ? await browser.post(first.url, choice) : first;
  return { page, first, parameters: new URL(page.url).searchParams };
}

Deno.test("an administrator consents for the organisation: no code, the state if there was one", async () => {
  await using idp = await IdentityProvider.start();
  const accept = { administrator: ADMINISTRATOR };
  const { parameters, first } = await visit(idp, accept);
  assert.match(first.text, new RegExp(PUBLIC_APPLICATION.name));
  assert.deepEqual(Object.fromEntries(parameters), { admin_consent: "True", tenant: CONTOSO });

  const asked = { state: "12345", scope: "https://outlook.office.com/SMTP.Send" };
  const again = await visit(idp, accept, asked, "contoso.example");
  assert.deepEqual(Object.fromEntries(again.parameters), {
    admin_consent: "True",
    tenant: CONTOSO,
    ...asked,
  });
});

Deno.test("an administrator may decline", async () => {
  await using idp = await IdentityProvider.start();
  const { parameters } = await visit(idp, { cancel: "yes" }, { state: "1" }, CONTOSO);
  assert.equal(parameters.get("error"), "consent_required");
  assert.equal(parameters.get("tenant"), CONTOSO);
  assert.equal(parameters.get("state"), "1");
  assert.match(parameters.get("error_description")!, /^AADSTS65004: /);
});

Deno.test("nobody else can consent, and nobody for personal accounts", async () => {
  await using idp = await IdentityProvider.start();
  const choose = async (administrator: string, tenant?: string) =>
    (await visit(idp, { administrator }, {}, tenant)).page.text;
  assert.match(await choose(STAFF), /AADSTS90093/);
  assert.match(await choose(ADMINISTRATOR, "fabrikam.example"), /AADSTS50020/);
  assert.match(await choose(ADMINISTRATOR, "consumers"), /AADSTS9002332/);
  const unknown = await visit(idp, {}, { client_id: crypto.randomUUID() });
  assert.match(unknown.page.text, /AADSTS700016/);
  const elsewhere = await visit(idp, {}, { redirect_uri: "https://evil.example/" });
  assert.match(elsewhere.page.text, /AADSTS50011/);
});

Deno.test("consent ends what lacked it, for the whole organisation", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  idp.troubles.set({ tenant: CONTOSO }, "AADSTS90094");
  const before = await client.begin({ address: STAFF });
  assert.equal(before.callback.searchParams.get("error"), "access_denied");
  await visit(idp, { administrator: ADMINISTRATOR });
  assert.ok((await client.begin({ address: STAFF })).callback.searchParams.has("code"));
});

Deno.test("consent gives an application its permission to send", async () => {
  await using idp = await IdentityProvider.start();
  const { id } = OFFICE_APPLICATION;
  idp.applications.update(id, { sendAsAppTenants: [] });
  const maySend = () => {
    const holder = idp.holderOf(idp.issueApplicationToken(id, "contoso.example"));
    return holder?.kind === "application" && holder.maySend;
  };
  assert.equal(maySend(), false);
  await visit(idp, { administrator: ADMINISTRATOR }, { client_id: id }, CONTOSO);
  assert.equal(maySend(), true);
});
