/**
 * Keys derived from `SESSION_SECRET`, which can rotate: they seal values in the database and in cookies, and hash app passwords.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
} from "node:crypto";

/** The purpose of a sealed value. Each one has its own keys, so a value that was sealed for one does not open for another. */
export type SealPurpose = "tokens" | "cookie" | "sign-in" | "page" | "mark" | "value";

/** The result of {@linkcode Secrets.open}. */
export interface Opened {
  readonly plaintext: Uint8Array;
  /** Whether it was sealed with an older secret, so that it should be sealed again. */
  readonly stale: boolean;
}

const ERROR_TEXTS = {
  "unknown-key":
    "This value was sealed with a secret that is not in SESSION_SECRET. Put the former secret back, after the new one.",
  "damaged": "This sealed value was changed or belongs to something else.",
} as const;

/**
 * A sealed value that does not open. `unknown-key`: its secret is no longer configured. `damaged`: it was changed, or
 * belongs to another row or purpose.
 */
export class SecretError extends Error {
  override readonly name = "SecretError";

  constructor(readonly kind: keyof typeof ERROR_TEXTS, message: string = ERROR_TEXTS[kind]) {
    super(message);
  }
}

const FORMAT_VERSION = 1;
const KEY_OCTETS = 32;
const KEY_ID_OCTETS = 4;
/** NIST SP 800-38D section 8.2: the recommended length for AES-GCM. */
const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;
const HEADER_OCTETS = 1 + KEY_ID_OCTETS;
const MIN_SEALED_OCTETS = HEADER_OCTETS + NONCE_OCTETS + TAG_OCTETS;

interface Key {
  /** Format version and key id: the first octets of a value sealed with this key. */
  readonly header: Uint8Array;
  readonly key: Uint8Array;
}

/** Seals, opens and hashes with the configured secrets. The first one seals; all of them open. */
export class Secrets {
  readonly #secrets: readonly string[];
  readonly #sealKeys = new Map<SealPurpose, readonly Key[]>();
  readonly #passwordKeys: readonly Uint8Array[];

  /** @param secrets The entries of `SESSION_SECRET`, newest first; at least one. */
  constructor(secrets: readonly string[]) {
    if (secrets.length === 0) throw new TypeError("Secrets needs at least one secret.");
    this.#secrets = secrets;
    this.#passwordKeys = secrets.map((secret) => deriveKey(secret, "hash app-password"));
  }

  /**
   * Encrypts and authenticates a value (AES-256-GCM).
   *
   * @param context The owner of the value, such as its row; not secret. Opening the value requires the same context.
   * @returns Format version (1 octet), key id (4), nonce (12), ciphertext, tag (16).
   */
  seal(purpose: SealPurpose, context: string, plaintext: Uint8Array): Uint8Array {
    const { header, key } = this.#keys(purpose)[0]!;
    const nonce = randomBytes(NONCE_OCTETS);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(additionalData(purpose, context));
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    return new Uint8Array(Buffer.concat([header, nonce, ciphertext, cipher.getAuthTag()]));
  }

  /** Opens a value that {@linkcode Secrets.seal} returned. @throws {SecretError} if no configured secret opens it. */
  open(purpose: SealPurpose, context: string, sealed: Uint8Array): Opened {
    if (sealed.length < MIN_SEALED_OCTETS || sealed[0] !== FORMAT_VERSION) {
      throw new SecretError("damaged");
    }
    const keys = this.#keys(purpose);
    const index = keys.findIndex(({ header }) => header.every((octet, at) => octet === sealed[at]));
    if (index < 0) throw new SecretError("unknown-key");
    const nonceEnd = HEADER_OCTETS + NONCE_OCTETS;
    const nonce = sealed.subarray(HEADER_OCTETS, nonceEnd);
    const decipher = createDecipheriv("aes-256-gcm", keys[index]!.key, nonce);
    decipher.setAAD(additionalData(purpose, context));
    decipher.setAuthTag(sealed.subarray(-TAG_OCTETS));
    const plaintext = decipher.update(sealed.subarray(nonceEnd, -TAG_OCTETS));
    if (!verifies(decipher)) throw new SecretError("damaged");
    return { plaintext, stale: index > 0 };
  }

  /**
   * Returns the keyed hash (HMAC-SHA-256) of an app password for each configured secret, newest first. A random app password
   * cannot be guessed, so a slow hash would add nothing.
   *
   * @param spelling As returned by the functions of `app_passwords.ts`.
   */
  passwordHashes(spelling: string): [newest: Uint8Array, ...older: Uint8Array[]] {
    const [newest, ...older] = this.#passwordKeys.map((key) =>
      createHmac("sha256", key).update(spelling, "utf8").digest()
    );
    return [newest!, ...older];
  }

  /** Returns a key for hashes of failed logins, the same in all processes with the same newest secret. */
  failureKey(): Uint8Array {
    return deriveKey(this.#secrets[0]!, "hash login-failure");
  }

  #keys(purpose: SealPurpose): readonly Key[] {
    let keys = this.#sealKeys.get(purpose);
    if (!keys) {
      keys = this.#secrets.map((secret) => sealKey(secret, purpose));
      this.#sealKeys.set(purpose, keys);
    }
    return keys;
  }
}

function sealKey(secret: string, purpose: SealPurpose): Key {
  const key = deriveKey(secret, `seal ${purpose}`);
  const id = createHash("sha256").update(key).digest().subarray(0, KEY_ID_OCTETS);
  return { key, header: Uint8Array.of(FORMAT_VERSION, ...id) };
}

/** Derives a key with HKDF (RFC 5869). The salt is empty: the secret has to be uniformly random, and `info` separates the keys. */
function deriveKey(secret: string, info: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", `smtp-oauth2-proxy ${info}`, KEY_OCTETS));
}

function additionalData(purpose: SealPurpose, context: string): Uint8Array {
  return new TextEncoder().encode(`${purpose}\0${context}`);
}

function verifies(decipher: { final(): Buffer }): boolean {
  try {
    decipher.final();
    return true;
  } catch {
    return false; // The tag does not match: node:crypto throws an error without details.
  }
}
