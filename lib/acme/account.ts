/**
 * The account with an authority. The caller stores its key.
 *
 * @module
 */
import { type AcmeAccount, AcmeClient } from "@fishballpkg/acme";
import { errorText } from "../base/mod.ts";
import { AcmeProblem, problemOf } from "./problem.ts";

/** A stored account: its key as a JWK, and its authority. It is secret. */
interface KeptAccount {
  readonly directoryUrl: string;
  readonly key: JsonWebKey;
}

/** Dependencies of {@linkcode openAccount}. */
export interface AccountOptions {
  readonly directoryUrl: string;
  readonly email?: string;
  readonly binding?: { readonly keyId: string; readonly hmacKey: string };
  /** The text of a stored account. */
  readonly kept?: string;
  /** Stores a new account. */
  keep(text: string): Promise<void>;
}

const KEY = { name: "ECDSA", namedCurve: "P-256" };

/**
 * Opens the account of a stored key. Otherwise it creates a new account, and so accepts the authority's terms of service.
 *
 * @throws {AcmeProblem}
 */
export async function openAccount(options: AccountOptions): Promise<AcmeAccount> {
  return await asProblem(async () => {
    const client = await openDirectory(options.directoryUrl);
    const kept = options.kept === undefined ? undefined : parse(options.kept);
    return kept?.directoryUrl === options.directoryUrl
      ? await client.login({ keyPair: await keyPairOf(kept.key) })
        .catch((error) => isUnknown(error) ? create(client, options) : Promise.reject(error))
      : await create(client, options);
  });
}

/** Turns the errors of the library into problems. */
export async function asProblem<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AcmeProblem) throw error;
    const document = error instanceof Error ? error.cause : undefined;
    if (typeof document === "object" && document !== null && "type" in document) {
      throw problemOf(document);
    }
    throw new AcmeProblem("unreachable", errorText(error), { cause: error });
  }
}

async function openDirectory(url: string): Promise<AcmeClient> {
  const client = await AcmeClient.init(url);
  if (typeof client.directory?.newOrder === "string") return client;
  throw new AcmeProblem("unreachable", `${url} is not the directory of an ACME server.`);
}

async function create(
  client: AcmeClient,
  { directoryUrl, email, binding, keep }: AccountOptions,
): Promise<AcmeAccount> {
  if (client.directory.meta?.externalAccountRequired && !binding) {
    throw new AcmeProblem("externalAccountRequired", "an external account binding is required.");
  }
  const account = await client.createAccount({
    emails: email === undefined ? [] : [email],
    externalAccountBinding: binding && { kid: binding.keyId, hmacKey: binding.hmacKey },
  });
  const key = await crypto.subtle.exportKey("jwk", account.keyPair.privateKey);
  await keep(JSON.stringify({ directoryUrl, key } satisfies KeptAccount));
  return account;
}

function parse(text: string): KeptAccount | undefined {
  try {
    return JSON.parse(text) as KeptAccount;
  } catch {
    return undefined; // A damaged file is as good as none: a new account costs nothing.
  }
}

async function keyPairOf({ d, ...publicJwk }: JsonWebKey): Promise<CryptoKeyPair> {
  const importKey = (jwk: JsonWebKey, use: KeyUsage) =>
    crypto.subtle.importKey("jwk", { ...jwk, key_ops: [use] }, KEY, true, [use]);
  return {
    privateKey: await importKey({ ...publicJwk, d }, "sign"),
    publicKey: await importKey(publicJwk, "verify"),
  };
}

function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.name === "AccountDoesNotExistError";
}
