import assert from "node:assert/strict";
import { ScriptedBrowser } from "../browser.ts";
import { DEMO_APPLICATION, IdentityProvider } from "../identity_provider.ts";
import { type AadstsCode, IDENTITY_ERRORS } from "../troubles/microsoft_errors.ts";
import { REDIRECT_URI, STATE, TestClient } from "./testing.ts";

const NORA = "nora@outlook.example";
const WORK = "office@contoso.example";

/** The numbers that the collected facts about Microsoft name. */
const KNOWN: readonly number[] = [
  ...[53000, 53001, 53002, 53003, 53004, 53010, 530003, 530031, 530032, 530034, 530035],
  ...[50072, 50076, 50079, 50097, 50125, 50131, 50144, 50158, 70046],
  ...[90072, 90093, 90094, 90095, 90099, 50053, 65001, 65004],
  ...[700016, 7000112, 7000229, 90002, 65005, 500011, 650057, 50128, 50011, 50020, 9002346],
  ...[7000215, 7000222, 700027, 70008, 70043, 50173, 700082, 54005, 70000, 900144, 90033],
];

Deno.test("every number that is known of Microsoft can be simulated", () => {
  const missing = KNOWN.filter((number) => !Object.hasOwn(IDENTITY_ERRORS, `AADSTS${number}`));
  assert.deepEqual(missing, []);
});

Deno.test("the sign-in page names the application, the accounts and a labelled field", async () => {
  await using idp = await IdentityProvider.start();
  const { text } = (await new TestClient(idp).begin({})).page;
  assert.ok(text.includes(DEMO_APPLICATION.name));
  assert.match(text, /<label for="address">Sign-in name<\/label><input type="email" id="address"/);
  assert.match(text, /value="u4711@contoso\.example"/);
  assert.match(text, /mail address: mira\.novak@contoso\.example/);
});

for (
  const [code, error] of [
    ["AADSTS53003", "access_denied"],
    ["AADSTS530035", "access_denied"],
    ["AADSTS50076", "interaction_required"],
    ["AADSTS65001", "consent_required"],
    ["AADSTS90094", "access_denied"],
    ["AADSTS500011", "invalid_resource"],
  ] satisfies [AadstsCode, string][]
) {
  Deno.test(`${code} comes back to the application as ${error}`, async () => {
    await using idp = await IdentityProvider.start();
    idp.troubles.set({ tenant: "contoso.example" }, code);
    const client = new TestClient(idp);
    const { searchParams } = (await client.begin({ address: WORK })).callback;
    assert.equal(searchParams.get("error"), error);
    assert.equal(searchParams.get("state"), STATE);
    assert.ok(!searchParams.has("code"));
    assert.match(
      searchParams.get("error_description")!,
      new RegExp(`^${code}: [^{}]*\\r\\nTrace ID: `),
    );
    assert.ok((await client.begin({ address: NORA })).callback.searchParams.has("code"));
  });
}

Deno.test("some codes stay on Microsoft's page, and any code can be shown either way", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  idp.troubles.set({ mailbox: NORA }, "AADSTS700016");
  assert.match((await client.begin({ address: NORA })).page.text, /role="alert">AADSTS700016: /);
  idp.troubles.set({ mailbox: NORA }, "AADSTS700016", { onPage: false });
  const { callback } = await client.begin({ address: NORA });
  assert.equal(callback.searchParams.get("error"), "unauthorized_client");
});

Deno.test("a trouble shows to a browser that has a session as well", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const browser = new ScriptedBrowser(REDIRECT_URI);
  await client.signIn(NORA, { browser });
  idp.troubles.set({ mailbox: NORA }, "AADSTS50076");
  const { callback } = await client.begin({}, { browser, extra: { prompt: "none" } });
  assert.equal(callback.searchParams.get("error"), "interaction_required");
  assert.match(callback.searchParams.get("error_description")!, /^AADSTS50076: /);
});

Deno.test("a registration may have redirect URIs that are taken letter for letter", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  idp.applications.update(DEMO_APPLICATION.id, { redirectUris: [`${REDIRECT_URI}/`] });
  assert.match((await client.begin({})).page.text, /AADSTS50011/);
  idp.applications.update(DEMO_APPLICATION.id, { redirectUris: [REDIRECT_URI] });
  assert.ok((await client.begin({ address: NORA })).callback.searchParams.has("code"));
});
