const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: "SHA-256",
};

const made: Promise<CryptoKeyPair>[] = [];

/** Returns keys for certificates in tests, by their number: all tests share them, since to make some takes longer than a test. */
export function rsaKeys(number: number): Promise<CryptoKeyPair> {
  return made[number] ??= crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}
