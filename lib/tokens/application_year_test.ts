import assert from "node:assert/strict";
import { constants, createHash, createPublicKey, verify, X509Certificate } from "node:crypto";
import { type Account, LoginError } from "../../smtp/mod.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Secret } from "../base/mod.ts";
import type { AppRegistration } from "../config/mod.ts";
import { Microsoft } from "../microsoft/mod.ts";
import { RegistrationWatch } from "../program/registration_watch.ts";
import { AUTHORITY, json, oauthError } from "../testing/identity_service.ts";
import { rsaKeys } from "../testing/rsa_keys.ts";
import { settle } from "../testing/settle.ts";
import { account, pseudoRandom, START_MS, TokensFixture } from "../testing/tokens_fixture.ts";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";

const DAYS = 365;
/** A certificate is good for 90 days; the next one is uploaded and installed some days before. */
const CERTIFICATE_DAYS = 80;
const FILES = { certFile: "/app.crt", keyFile: "/app.key" };

const BY_SECRET = { clientId: "33333333-3333-4333-8333-333333333333", tenant: tenantId(1) };
const BY_CERTIFICATE = { clientId: "44444444-4444-4444-8444-444444444444", tenant: tenantId(2) };

function tenantId(number: number): string {
  return `${`${number}`.repeat(8)}-2222-4222-8222-222222222222`;
}

/** Client secrets: the days on which each is good at Microsoft, and the day on which the operator restarts with it. */
const SECRETS = [
  { value: "secret-1", fromDay: -1, toDay: 180, installedOn: 0 },
  { value: "secret-2", fromDay: 150, toDay: 330, installedOn: 160 },
  { value: "secret-3", fromDay: 310, toDay: 700, installedOn: 327 },
] as const;

/** Troubles of the token endpoint: the day, the hours they last, and the answers. */
const TROUBLES: Readonly<Record<number, readonly [hours: number, () => Response]>> = {
  20: [1, () => json({}, 503)],
  21: [6, () => json({}, 503)],
  60: [2, () => json({ error: "busy" }, 429, { "retry-after": "120" })],
  100: [1, () => new Response("<h1>Sorry</h1>", { headers: { "content-type": "text/html" } })],
  140: [12, () => oauthError("temporarily_unavailable")],
  200: [1, () => oauthError("invalid_request", 90033)],
  250: [3, () => json({}, 500)],
};

interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** The second organisation sends on every tenth day alone: its token rests between. */
const RARE_DAYS = 10;

/** Microsoft's rules about the credentials of applications. */
class Applications {
  readonly #fixture: TokensFixture;
  /** Certificates that were uploaded, by thumbprint. */
  readonly #certificates = new Map<string, X509Certificate>();
  /** Requests that a credential did not prove. */
  refused = 0;

  constructor(fixture: TokensFixture) {
    this.#fixture = fixture;
  }

  upload(cert: string): void {
    const certificate = new X509Certificate(cert);
    const thumbprint = createHash("sha256").update(certificate.raw).digest("base64url");
    this.#certificates.set(thumbprint, certificate);
  }

  issue(form: URLSearchParams): Response {
    const secret = form.get("client_secret");
    const isProven = secret === null
      ? this.#isSigned(form.get("client_assertion")!)
      : this.#isSecret(secret);
    if (isProven) return this.#fixture.service.tokens({ refresh_token: undefined });
    this.refused++;
    return oauthError("invalid_client", secret === null ? 700027 : 7000222, 401);
  }

  #isSecret(value: string): boolean {
    const day = (this.#fixture.clock.now() - START_MS) / DAY_MS;
    return SECRETS.some((secret) =>
      secret.value === value && day >= secret.fromDay && day < secret.toDay
    );
  }

  #isSigned(assertion: string): boolean {
    const [header = "", claims = "", signature = ""] = assertion.split(".");
    const certificate = this.#certificates.get(parse(header)["x5t#S256"] as string);
    const { nbf, exp } = parse(claims) as { nbf: number; exp: number };
    const nowMs = this.#fixture.clock.now();
    if (!certificate || Date.parse(certificate.validTo) <= nowMs) return false;
    const key = createPublicKey(certificate.publicKey.export({ type: "spki", format: "pem" }));
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return nbf * SECOND_MS <= nowMs + MINUTE_MS && exp * SECOND_MS > nowMs &&
      verify(
        "sha256",
        new TextEncoder().encode(`${header}.${claims}`),
        { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
        Uint8Array.fromBase64(signature, { alphabet: "base64url" }),
      );
  }
}

function parse(part: string): Record<string, unknown> {
  const octets = Uint8Array.fromBase64(part, { alphabet: "base64url" });
  return JSON.parse(new TextDecoder().decode(octets));
}

async function createPairs(): Promise<readonly Pair[]> {
  const authority = await CertificateAuthority.create("Test authority");
  const count = Math.ceil(DAYS / CERTIFICATE_DAYS) + 1;
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const startMs = START_MS + (index * CERTIFICATE_DAYS - 5) * DAY_MS;
      return authority.issue({
        names: ["proxy.example"],
        keys: await rsaKeys(index % 2),
        notBefore: new Date(startMs),
        notAfter: new Date(startMs + 90 * DAY_MS),
      });
    }),
  );
}

/** The mailboxes of both organisations. */
const MAILBOXES: readonly Account[] = [BY_SECRET, BY_CERTIFICATE].flatMap(
  ({ clientId, tenant: tenantId }, organisation) =>
    Array.from({ length: 3 }, (_, index) => ({
      ...account(`${organisation}-${index}`),
      kind: "mailbox" as const,
      application: { clientId, tenantId },
    })),
);

/** Requests for tokens, so that the clock waits for signatures, which are made beside the event loop. */
class Requests {
  readonly #pending = new Set<Promise<unknown>>();

  async run<Result>(request: Promise<Result>): Promise<Result> {
    this.#pending.add(request);
    try {
      return await request;
    } finally {
      this.#pending.delete(request);
    }
  }

  readonly settle = async (): Promise<void> => {
    await settle();
    while (this.#pending.size > 0) {
      await Promise.allSettled(this.#pending);
      await settle();
    }
  };
}

async function settled(login: Promise<string>): Promise<"sent" | "deferred" | "refused"> {
  try {
    await login;
    return "sent";
  } catch (error) {
    return error instanceof LoginError && error.failure === "temporary" ? "deferred" : "refused";
  }
}

/** Lives through a year, hour by hour. */
async function liveAYear() {
  const requests = new Requests();
  const fixture = new TokensFixture(requests.settle);
  const { clock, service, alerts } = fixture;
  const applications = new Applications(fixture);
  const random = pseudoRandom(7);
  const pairs = await createPairs();
  const files: Record<string, string> = {};
  const year = { sent: 0, refused: [] as string[], deferredOn: new Set<number>(), waited: 0 };
  const warned = new Set<string>();

  const start = async (day: number) => {
    const secret = SECRETS.findLast(({ installedOn }) => day >= installedOn)!;
    const registrations: readonly AppRegistration[] = [
      {
        ...BY_SECRET,
        authentication: {
          kind: "secret",
          secret: new Secret(secret.value),
          expiresAtMs: START_MS + secret.toDay * DAY_MS,
        },
      },
      { ...BY_CERTIFICATE, authentication: { kind: "certificate", ...FILES } },
    ];
    const microsoft = new Microsoft({
      authority: AUTHORITY,
      registrations,
      defaultClientId: BY_SECRET.clientId,
      clock,
      fetch: service.fetch,
      readFile: (path) => files[path]!,
    });
    const tokens = fixture.tokens({
      microsoft: {
        authority: microsoft.authority,
        hasRegistration: (clientId) => microsoft.hasRegistration(clientId),
        refresh: () => Promise.reject(new Error("nobody signs in")),
        applicationToken: (clientId) => requests.run(microsoft.applicationToken(clientId)),
      },
    });
    await tokens.start();
    const known = () => microsoft.registrations().map((one) => ({ ...one, isEndEntered: false }));
    const watch = new RegistrationWatch({
      registrations: { list: () => Promise.resolve(known()), onEntered: () => () => {} },
      ...{ alerts, clock },
    });
    await watch.start();
    return {
      tokens,
      async stop() {
        watch.stop();
        await tokens.stop();
      },
    };
  };

  const install = async (pair: Pair) => {
    applications.upload(pair.cert);
    files[FILES.certFile] = pair.cert;
    // Nobody replaces two files at the same moment.
    await clock.advance(2 * HOUR_MS);
    files[FILES.keyFile] = pair.key;
  };

  const send = async (day: number, mailbox: Account, mayWait: boolean) => {
    const before = service.tokenRequests;
    const login = settled(program.tokens.accessToken(mailbox));
    await requests.settle();
    if (service.tokenRequests > before) {
      if (!mayWait) year.waited++;
      await clock.advance(6 * SECOND_MS);
    }
    const outcome = await Promise.race([login, settle().then(() => "hung" as const)]);
    if (outcome === "sent") year.sent++;
    else if (outcome === "deferred") year.deferredOn.add(day);
    else year.refused.push(`${outcome} on day ${day}`);
  };

  // Longer than Microsoft’s, so that the year has few signatures: they take most of the time.
  service.accessTokenLifetimeS = 12 * 60 * 60;
  const work = (form: URLSearchParams) => applications.issue(form);
  await install(pairs[0]!);
  let program = await start(0);
  for (let day = 0; day < DAYS; day++) {
    if (day > 0 && day % CERTIFICATE_DAYS === 0) await install(pairs[day / CERTIFICATE_DAYS]!);
    const isRestart = day % 50 === 49 || SECRETS.some(({ installedOn }) => installedOn === day);
    if (isRestart) {
      await program.stop();
      await clock.advance(HOUR_MS);
      program = await start(day);
    }
    const [hours, fault] = TROUBLES[day] ?? [0, () => json({})];
    for (let hour = 8; hour < 20; hour += 3) {
      const isTrouble = hour - 8 < hours;
      service.onToken = isTrouble ? fault : work;
      for (const [index, mailbox] of MAILBOXES.entries()) {
        const isRare = index >= MAILBOXES.length / 2;
        if (random() > 0.5 || isRare && day % RARE_DAYS > 0) continue;
        await send(day, mailbox, isTrouble || hours > 0 || isRestart || day === 0 || isRare);
      }
      await clock.advance(3 * HOUR_MS);
    }
    service.onToken = work;
    for (const { kind, subject } of alerts.current()) {
      if (kind === "registration-ending") warned.add(`${day} ${subject}`);
    }
    await clock.advance(12 * HOUR_MS);
  }
  await program.stop();
  const { refused, ...rest } = year;
  return { ...rest, refused, unproven: applications.refused, warned, timers: clock.timers };
}

Deno.test("a year of app-only mailboxes: none stops while secrets rotate, certificates renew, outages come and go", async () => {
  const { sent, refused, deferredOn, waited, unproven, warned, timers } = await liveAYear();
  assert.ok(sent > 2000, `${sent} sent`);
  assert.deepEqual(refused, []);
  assert.equal(unproven, 0, "no request was made with a credential that had ended");
  assert.ok([...deferredOn].every((day) => day in TROUBLES), `deferred on ${[...deferredOn]}`);
  assert.equal(waited, 0, "mailboxes wait only after a restart or an outage");
  const days = (subject: string) =>
    [...warned].filter((entry) => entry.endsWith(subject)).map((entry) => parseInt(entry));
  const [near = 0] = days(`${BY_SECRET.clientId} near`);
  assert.ok(Math.abs(near - 150) <= 1, "warned 30 days before the first secret ends");
  const [soon = 0, ...later] = days(`${BY_SECRET.clientId} soon`);
  assert.ok(Math.abs(soon - 323) <= 1, "warned 7 days before the second secret ends");
  assert.ok(later.every((day) => day < 327), "not after the third one is in use");
  assert.ok(days(`${BY_CERTIFICATE.clientId} near`).length > 0);
  assert.equal(timers, 0);
});
