/**
 * Orders a certificate. The authority asks for proof that each name is ours, by HTTP (RFC 8555 section 8.3), and issues it.
 *
 * @module
 */
import type { AcmeAccount } from "@fishballpkg/acme";
import { generateCSR } from "@fishballpkg/acme/generateCSR";
import { type Clock, MINUTE_MS, pause, SECOND_MS } from "../base/mod.ts";
import { encodeBase64Url } from "../crypto/mod.ts";
import { asProblem } from "./account.ts";
import { AcmeProblem, problemOf, problemOfResponse, retryAfterOf } from "./problem.ts";

/** Answers to challenges of an authority, by their tokens. A `Map` is one. */
interface ChallengeAnswers {
  set(token: string, answer: string): unknown;
  delete(token: string): unknown;
}

/** Dependencies of {@linkcode orderCertificate}. */
interface OrderOptions {
  readonly account: AcmeAccount;
  readonly names: readonly string[];
  /** Answers to challenges by their tokens, served below `/.well-known/acme-challenge/` while the order lasts. */
  readonly answers: ChallengeAnswers;
  readonly clock: Clock;
  /** The identifier of the certificate that this one replaces (RFC 9773 section 5). */
  readonly replaces?: string;
}

/** A certificate chain in PEM with the key that was made for it. */
interface IssuedCertificate {
  readonly chain: string;
  readonly key: CryptoKey;
}

const FIRST_PAUSE_MS = SECOND_MS;
const LONGEST_PAUSE_MS = 10 * SECOND_MS;
/** Authorities check within seconds; some do so from several places. */
const DECISION_TIMEOUT_MS = 5 * MINUTE_MS;
const KEY = { name: "ECDSA", namedCurve: "P-256" };
const HTTP_CHALLENGE = "http-01";
const OPEN = ["pending", "processing"];

/** RFC 8555 section 7.1.3. */
interface Order {
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate?: string;
  readonly error?: unknown;
}

/** RFC 8555 section 7.1.4. */
interface Authorization {
  readonly status: string;
  readonly identifier: { readonly value: string };
  readonly challenges: readonly Challenge[];
}

interface Challenge {
  readonly type: string;
  readonly url: string;
  readonly token: string;
  readonly error?: unknown;
}

/** Orders a certificate and waits for it. @throws {AcmeProblem} */
export async function orderCertificate(options: OrderOptions): Promise<IssuedCertificate> {
  return await asProblem(async () => {
    const { url, order } = await placeOrder(options);
    for (const authorization of order.authorizations) await prove(authorization, options);
    return await finish(url, options);
  });
}

async function placeOrder({ account, names, replaces }: OrderOptions) {
  const identifiers = names.map((value) => ({ type: "dns", value }));
  const { newOrder } = account.client.directory;
  const ask = (payload: Record<string, unknown>) => request(account, newOrder, payload);
  // An authority that does not know the former certificate, or knows its successor, accepts an order without it.
  const response = replaces === undefined
    ? await ask({ identifiers })
    : await ask({ identifiers, replaces }).catch(() => ask({ identifiers }));
  const url = response.headers.get("location");
  if (url === null) throw new AcmeProblem("other", "the order has no address.");
  return { url, order: await response.json() as Order };
}

/** Proves that a name is ours, unless the authority remembers an earlier proof. */
async function prove(url: string, options: OrderOptions): Promise<void> {
  const { account, answers } = options;
  const { status, identifier, challenges } = await read<Authorization>(account, url);
  if (status === "valid") return;
  const name = identifier.value;
  const challenge = challenges.find(({ type }) => type === HTTP_CHALLENGE);
  if (!challenge) throw new AcmeProblem("other", `no HTTP challenge for ${name}.`, { name });
  await answers.set(challenge.token, `${challenge.token}.${await thumbprint(account)}`);
  try {
    await (await request(account, challenge.url, {})).body?.cancel();
    const result = await settled<Authorization>(url, options);
    if (result.status === "valid") return;
    const { error } = result.challenges.find(({ type }) => type === HTTP_CHALLENGE) ?? {};
    throw problemOf(error, { name });
  } finally {
    await answers.delete(challenge.token);
  }
}

/** Sends the request for the certificate, and fetches it. */
async function finish(url: string, options: OrderOptions): Promise<IssuedCertificate> {
  const { account, names } = options;
  const { status, finalize, error } = await settled<Order>(url, options);
  if (status !== "ready") throw problemOf(error);
  const keyPair = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const csr = encodeBase64Url(await generateCSR({ domains: names, keyPair }));
  await (await request(account, finalize, { csr })).body?.cancel();
  const done = await settled<Order>(url, options);
  if (done.status !== "valid" || !done.certificate) throw problemOf(done.error);
  const chain = await (await request(account, done.certificate)).text();
  return { chain, key: keyPair.privateKey };
}

/** Polls an order or an authorization until it is decided. */
async function settled<Resource extends { status: string }>(
  url: string,
  { account, clock }: OrderOptions,
): Promise<Resource> {
  const endMs = clock.now() + DECISION_TIMEOUT_MS;
  for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const response = await request(account, url);
    const resource = await response.json() as Resource;
    if (!OPEN.includes(resource.status)) return resource;
    if (clock.now() > endMs) throw new AcmeProblem("unreachable", "no decision in time.");
    const askedMs = retryAfterOf(response.headers) ?? pauseMs;
    await pause(clock, Math.min(Math.max(askedMs, FIRST_PAUSE_MS), LONGEST_PAUSE_MS));
  }
}

async function read<Resource>(account: AcmeAccount, url: string): Promise<Resource> {
  return await (await request(account, url)).json() as Resource;
}

/** Sends a signed request. Without a payload, it reads (POST-as-GET, RFC 8555 section 6.3). */
async function request(
  account: AcmeAccount,
  url: string,
  payload?: Record<string, unknown>,
): Promise<Response> {
  const response = await account.jwsFetch(url, { payload });
  if (response.ok) return response;
  throw await problemOfResponse(response);
}

/** The thumbprint of the account's key (RFC 7638). */
async function thumbprint({ keyPair }: AcmeAccount): Promise<string> {
  const { crv, kty, x, y } = await crypto.subtle.exportKey("jwk", keyPair.publicKey);
  const text = new TextEncoder().encode(JSON.stringify({ crv, kty, x, y }));
  return encodeBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", text)));
}
