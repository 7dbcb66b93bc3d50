/**
 * Moving in: the accounts of the older proxy go on sending, and nobody signs in or changes a mail client.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { DEMO_APPLICATION } from "../tools/simulate/identity_provider.ts";
import { person } from "../tools/simulate/people.ts";
import { NORA, Testbed } from "./testbed.ts";

/** As the older proxy made and showed it. */
const OLD_PASSWORD = "Zk3-9fQ_xW7bTn2LrV8cYp4s";
const MESSAGE = new TextEncoder().encode("Subject: As before\r\n\r\nText\r\n");

/** A refresh token that the simulated Microsoft has issued for Nora. */
async function issuedRefreshToken(bed: Testbed): Promise<string> {
  bed.simulation.identityProvider.deviceCodeIntervalS = 0.05;
  assert.equal((await bed.addAccount()).code, 0);
  return await bed.withServices(async ({ store, vault }) => {
    const [account] = await store.accounts.listByName(NORA);
    return (await vault.load(account!))!.tokens.refreshToken;
  });
}

/** A database as the older proxy wrote it, with MSAL's serialized token cache. */
function buildOldDatabase(path: string, refreshToken: string): void {
  const { tenantId, objectId } = person(NORA);
  const owner = { home_account_id: `${objectId}.${tenantId}`, environment: "login.windows.net" };
  const clientId = DEMO_APPLICATION.id;
  const cache = JSON.stringify({
    Account: { "key": { ...owner, realm: tenantId, local_account_id: objectId, username: NORA } },
    RefreshToken: {
      "key": {
        ...owner,
        credential_type: "RefreshToken",
        client_id: clientId,
        secret: refreshToken,
      },
    },
    IdToken: {},
  });
  using database = new DatabaseSync(path);
  database.exec(`
    CREATE TABLE tokens (uid TEXT NOT NULL PRIMARY KEY, username TEXT NOT NULL, email TEXT NOT NULL,
      smtp_password TEXT NOT NULL, app_id TEXT NOT NULL, cache TEXT NOT NULL, expires_at TIMESTAMP NULL)`);
  database.prepare("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, NULL)")
    .run(objectId, NORA, NORA, OLD_PASSWORD, clientId, cache);
}

Deno.test("a database of the older proxy is imported, and its clients send as before", async () => {
  await using bed = await Testbed.open();
  const oldFile = bed.path("old.sqlite");
  buildOldDatabase(oldFile, await issuedRefreshToken(bed));
  const oldOctets = await Deno.readFile(oldFile);
  bed.useNewDatabase();

  const imported = await bed.run(["account", "import", oldFile, "--apply"]);
  assert.equal(imported.code, 0, imported.output + imported.errors);
  assert.deepEqual(await Deno.readFile(oldFile), oldOctets);

  await bed.serve();
  using client = await bed.logIn({ username: NORA, password: OLD_PASSWORD });
  await client.envelope(NORA, ["bob@example.com"]);
  assert.match(await client.data(MESSAGE), /^250 /);
  const { content } = bed.simulation.submissionServer.store.last;
  assert.deepEqual(new Uint8Array(content), MESSAGE);
});
