/**
 * Moving in: the accounts of the older proxy go on sending, and nobody signs in or changes a mail client.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { parseConfig } from "../lib/config/mod.ts";
import { closeServices, openServices } from "../lib/program/mod.ts";
import { DEMO_APPLICATION } from "../tools/simulate/identity_provider.ts";
import { person } from "../tools/simulate/people.ts";
import { SmtpClient } from "../tools/simulate/smtp_client.ts";
import { CommandWorld } from "./command_world.ts";
import { NORA } from "./harness.ts";
import { RunningServer } from "./running_server.ts";

/** As the older proxy made and showed it. */
const OLD_PASSWORD = "Zk3-9fQ_xW7bTn2LrV8cYp4s";
const MESSAGE = new TextEncoder().encode("Subject: As before\r\n\r\nText\r\n");

/** A refresh token that the simulated Microsoft has issued for Nora. */
async function issuedRefreshToken(world: CommandWorld): Promise<string> {
  assert.equal((await world.addAccount()).code, 0);
  const readFile = Deno.readTextFileSync;
  const services = await openServices(
    parseConfig(world.environment, readFile),
  );
  const [account] = await services.store.accounts.listByName(NORA);
  const stored = await services.vault.load(account!);
  await closeServices(services);
  return stored!.tokens.refreshToken;
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
  await using world = await CommandWorld.start();
  const oldFile = world.path("old.sqlite");
  buildOldDatabase(oldFile, await issuedRefreshToken(world));
  const oldOctets = await Deno.readFile(oldFile);
  const settings = { SQLITE_PATH: world.path("new.sqlite") };

  const imported = await world.run(["account", "import", oldFile, "--apply"], settings);
  assert.equal(imported.code, 0, imported.output + imported.errors);
  assert.deepEqual(await Deno.readFile(oldFile), oldOctets);

  await using _server = await RunningServer.start(world.command(["serve"], settings));
  using client = await SmtpClient.connect(world.ports.smtp);
  await client.command("EHLO printer.example");
  assert.match(await client.authenticate({ username: NORA, password: OLD_PASSWORD }), /^235 /);
  await client.envelope(NORA, ["bob@example.com"]);
  assert.match(await client.data(MESSAGE), /^250 /);
  const { content } = world.simulation.submissionServer.store.last;
  assert.deepEqual(new Uint8Array(content), MESSAGE);
});
