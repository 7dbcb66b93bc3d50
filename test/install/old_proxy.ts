/**
 * The folder of somebody who has used the older Next.js proxy, with its settings and its database.
 *
 * @module
 */
import { ConfidentialClientApplication, type INetworkModule } from "@azure/msal-node";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ScriptedBrowser } from "../../tools/simulate/browser.ts";
import { DEMO_APPLICATION, type IdentityProvider } from "../../tools/simulate/identity_provider.ts";
import { person } from "../../tools/simulate/people.ts";

const MICROSOFT = "https://login.microsoftonline.com";
const REDIRECT_URI = "http://localhost:3000/auth";
const SCOPES = ["email", "https://outlook.office.com/SMTP.Send"];
const CODE_VERIFIER = "abcdefghijklmnopqrstuvwxyz0123456789-._~ABCDEFGH";

/** Signs somebody in with MSAL, as the older proxy did. @returns the token cache that MSAL serialized. */
export async function msalCacheOf(address: string, idp: IdentityProvider): Promise<string> {
  let cache = "";
  const client = new ConfidentialClientApplication({
    auth: {
      clientId: DEMO_APPLICATION.id,
      clientSecret: DEMO_APPLICATION.secret,
      authority: `${MICROSOFT}/consumers`,
      authorityMetadata: await metadata(idp),
    },
    cache: {
      cachePlugin: {
        beforeCacheAccess: ({ tokenCache }) => Promise.resolve(tokenCache.deserialize(cache)),
        afterCacheAccess: ({ tokenCache }) => {
          cache = tokenCache.serialize();
          return Promise.resolve();
        },
      },
    },
    system: { networkClient: networkTo(idp) },
  });
  const codeChallenge = createHash("sha256").update(CODE_VERIFIER).digest("base64url");
  const url = await client.getAuthCodeUrl({
    scopes: SCOPES,
    redirectUri: REDIRECT_URI,
    prompt: "select_account",
    codeChallenge,
    codeChallengeMethod: "S256",
  });
  const browser = new ScriptedBrowser(REDIRECT_URI);
  const signInPage = await browser.get(url.replace(MICROSOFT, idp.authority));
  const callback = new URL((await browser.post(signInPage.url, { address })).url);
  const code = callback.searchParams.get("code") ?? "";
  const request = { scopes: SCOPES, redirectUri: REDIRECT_URI, codeVerifier: CODE_VERIFIER, code };
  await client.acquireTokenByCode(request);
  return cache;
}

/** MSAL insists on HTTPS and on Microsoft's name. */
async function metadata({ authority }: IdentityProvider): Promise<string> {
  const response = await fetch(`${authority}/consumers/v2.0/.well-known/openid-configuration`);
  return (await response.text()).replaceAll(authority, MICROSOFT);
}

function networkTo({ authority }: IdentityProvider): INetworkModule {
  const send = async <T>(url: string, method: string, headers = {}, body?: string) => {
    const target = url.replace(MICROSOFT, authority);
    const response = await fetch(target, { method, headers, body });
    const { status } = response;
    return {
      status,
      headers: Object.fromEntries(response.headers),
      body: await response.json() as T,
    };
  };
  return {
    sendGetRequestAsync: (url, options) => send(url, "GET", options?.headers),
    sendPostRequestAsync: (url, options) => send(url, "POST", options?.headers, options?.body),
  };
}

/** An account of the older proxy. */
export interface OldAccount {
  readonly address: string;
  readonly password: string;
  /** Empty: the proxy has given it up. */
  readonly cache: string;
}

/** Makes the folder of an older proxy: `env`, and `data/db.sqlite` with its newest changes in the write-ahead log. */
export async function makeOldProxy(
  folder: string,
  settings: Readonly<Record<string, string>>,
  accounts: readonly OldAccount[],
): Promise<Disposable> {
  await Deno.mkdir(join(folder, "data"), { recursive: true });
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await Deno.writeTextFile(join(folder, "env"), lines.join(""));
  const database = new DatabaseSync(join(folder, "data/db.sqlite"));
  database.exec(`${SCHEMA}; PRAGMA journal_mode = WAL`);
  const insert = database.prepare(`
    INSERT INTO tokens (uid, username, email, smtp_password, app_id, cache, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  for (const { address, password, cache } of accounts) {
    const expiresAt = cache === "" ? null : "2026-11-27 12:00:00.000";
    const { objectId } = person(address);
    insert.run(objectId, address, address, password, DEMO_APPLICATION.id, cache, expiresAt);
  }
  return { [Symbol.dispose]: () => database.close() };
}

const SCHEMA = `
  CREATE TABLE tokens (
    uid TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    email TEXT NOT NULL,
    smtp_password TEXT NOT NULL,
    smtp_password_updated_at TIMESTAMP DEFAULT (datetime('now', 'subsecond')),
    app_id TEXT NOT NULL,
    cache TEXT NOT NULL,
    expires_at TIMESTAMP NULL,
    retry_refresh INTEGER NOT NULL DEFAULT 0,
    created_at TIMESTAMP DEFAULT (datetime('now', 'subsecond')),
    updated_at TIMESTAMP DEFAULT (datetime('now', 'subsecond'))
  );
  CREATE INDEX idx_tokens_email ON tokens (email);
  PRAGMA user_version = 2`;
