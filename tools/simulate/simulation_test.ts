import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { TestClient } from "./identity/testing.ts";
import { OFFICE_APPLICATION } from "./identity_provider.ts";
import { STAFF_NUMBER_PERSON } from "./people.ts";
import { Simulation } from "./simulation.ts";
import { SmtpClient } from "../smtp_client.ts";

const MESSAGE = new TextEncoder().encode("Subject: Test\r\n\r\nText\r\n");

async function authenticate(
  { submissionServer, certificateAuthority }: Simulation,
  user: string,
  token: string,
): Promise<{ client: SmtpClient; reply: string }> {
  const client = await SmtpClient.connect({
    port: submissionServer.port,
    ca: certificateAuthority.certificate,
  });
  await client.startTls();
  const data = btoa(`user=${user}\x01auth=Bearer ${token}\x01\x01`);
  return { client, reply: await client.command(`AUTH XOAUTH2 ${data}`) };
}

Deno.test("Simulation lets a person whose names differ sign in and send", async () => {
  await using simulation = await Simulation.start();
  const { signInName, address } = STAFF_NUMBER_PERSON;
  const { access_token } = await new TestClient(simulation.identityProvider).signIn(signInName);
  const byAddress = await authenticate(simulation, address, access_token);
  byAddress.client[Symbol.dispose]();
  assert.match(byAddress.reply, /^535 5\.7\.3 /);
  const { client, reply } = await authenticate(simulation, signInName, access_token);
  using _client = client;
  assert.match(reply, /^235 /);
  await client.envelope(address, ["a@example.com"]);
  assert.match(await client.data(MESSAGE), /^250 /);
  assert.equal(simulation.submissionServer.store.last.mailbox, address);
});

Deno.test("Simulation lets Contoso's own registration send from the mailboxes that it has rights on", async () => {
  await using simulation = await Simulation.start();
  const { id, secret } = OFFICE_APPLICATION;
  const office = new TestClient(simulation.identityProvider, id, oauth.ClientSecretPost(secret));
  const { access_token } = await (await office.applicationToken("contoso.example")).json();
  const send = async (mailbox: string) => {
    const { client } = await authenticate(simulation, mailbox, access_token);
    using _client = client;
    await client.envelope(mailbox, ["a@example.com"]);
    return await client.data(MESSAGE);
  };
  assert.match(await send("scanner@contoso.example"), /^250 /);
  assert.match(await send("sales@contoso.example"), /^430 4\.2\.0 /);
});

Deno.test("Simulation has one set of switches for both services, in-process and on its pages", async () => {
  await using simulation = await Simulation.start();
  const { signInName } = STAFF_NUMBER_PERSON;
  const client = new TestClient(simulation.identityProvider);
  const { access_token } = await client.signIn(signInName);
  simulation.troubles.set({ mailbox: signInName }, "smtp-auth-off-mailbox");
  const page = await fetch(`${simulation.webPages.panelUrl}?for=mailbox:${signInName}`);
  assert.match(await page.text(), /<span class="on">on<\/span>/);
  const refused = await authenticate(simulation, signInName, access_token);
  refused.client[Symbol.dispose]();
  assert.match(refused.reply, /^535 5\.7\.139 /);

  simulation.troubles.set({ mailbox: signInName }, "AADSTS53003");
  const { callback } = await client.begin({ address: signInName });
  assert.match(callback.searchParams.get("error_description")!, /^AADSTS53003/);
});
