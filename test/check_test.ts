/**
 * `check` in a sound environment, and in each broken one.
 */
import assert from "node:assert/strict";
import { CertificateAuthority } from "../tools/simulate/certificates.ts";
import { NORA, type Settings, Testbed } from "./testbed.ts";

interface Finding {
  readonly status: "ok" | "warning" | "failure";
  readonly text: string;
  readonly remedy?: string;
}

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly findings: readonly Finding[] }[];
}

let bed: Testbed;

Deno.test.beforeAll(async () => {
  bed = await Testbed.open();
});
Deno.test.beforeEach(async () => {
  await bed.recover();
  bed.useNewDatabase();
  await bed.certify(["localhost"]);
});
Deno.test.afterAll(async () => await bed[Symbol.asyncDispose]());

/** Runs `check`. @param ca The authority that is trusted. */
async function check(settings?: Settings, ca = bed.ca, place = bed) {
  const { code, output, errors } = await place.run(["check", "--json"], settings, { ca });
  assert.ok(output.startsWith("{"), `${output}\n${errors}`);
  const report = JSON.parse(output) as Report;
  assert.doesNotMatch(output, /nothing to do/i, "beside a failure");
  assert.equal(code, report.ok ? 0 : 1);
  /** The findings, one line each: `failure name: text`. */
  const lines = report.checks.flatMap(({ name, findings }) =>
    findings.map(({ status, text }) => `${status} ${name}: ${text}`)
  );
  return { ...report, lines, failures: lines.filter((line) => line.startsWith("failure")) };
}

/** How an environment is broken, and what `check` says then. */
interface Breakage {
  readonly name: string;
  /** Breaks it; may return settings that do. */
  readonly breaks: () => Promise<Settings | void>;
  /** The authority that is trusted, where it is not that of the testbed. */
  readonly ca?: string;
  /** Matched against the lines of the report. */
  readonly finds: readonly RegExp[];
}

const HOUR_MS = 60 * 60 * 1000;

const BREAKAGES: readonly Breakage[] = [
  {
    name: "settings that are wrong",
    breaks: () => Promise.resolve({ SMTP_PUBLIC_HOST: "", LOG_LEVEL: "loud" }),
    finds: [/^failure settings: SMTP_PUBLIC_HOST is required/, /^failure settings: LOG_LEVEL/],
  },
  {
    name: "settings that are risky",
    breaks: () => Promise.resolve({ SMTP_HOST: "0.0.0.0", HTTP_HOST: "localhost" }),
    finds: [/^warning settings: Port \d+ takes app passwords without encryption/],
  },
  {
    name: "a certificate for another name",
    breaks: () => bed.certify(["mail.example.com"]),
    finds: [/^failure SMTP certificate: it is not for localhost but for DNS:mail\.example\.com/],
  },
  {
    name: "a certificate that has ended",
    breaks: () => {
      const nowMs = Date.now();
      const notBefore = new Date(nowMs - 2 * HOUR_MS);
      return bed.certify(["localhost"], { notBefore, notAfter: new Date(nowMs - HOUR_MS) });
    },
    finds: [/^failure SMTP certificate: it expired on /],
  },
  {
    name: "a certificate that ends soon",
    breaks: () =>
      bed.certify(["localhost"], {
        notBefore: new Date(Date.now() - 1000 * HOUR_MS),
        notAfter: new Date(Date.now() + HOUR_MS),
      }),
    finds: [/^warning SMTP certificate: it expires on /],
  },
  {
    name: "a certificate without its chain",
    breaks: () => Promise.resolve(),
    finds: [
      /^warning SMTP certificate: its issuer \(CN=Simulation.*\) is not a well-known authority/,
    ],
  },
  {
    name: "a client secret that is empty",
    breaks: () =>
      Promise.resolve({ APP_SECRETS: bed.environment.APP_SECRETS!.replace(/:.*/, ':""') }),
    finds: [/^warning settings: The app registration \S+ has no client secret/],
  },
  {
    name: "an automatic certificate whose port is forwarded",
    breaks: () =>
      Promise.resolve({
        ...{ SMTP_KEY_FILE: "", SMTP_CERT_FILE: "", PUBLIC_URL: "" },
        SMTP_PUBLIC_HOST: "mail.invalid",
        ACME: "on",
        HTTP_REDIRECT_PORT: `${bed.ports.unused}`,
      }),
    finds: [
      /^ok SMTP certificate: the program makes it at its first start/,
      /^warning ACME: challenges are answered on port \d+ .* but arrive on port 80/,
      /^failure names: mail\.invalid/,
    ],
  },
  {
    name: "a public name that DNS does not know",
    breaks: () => Promise.resolve({ SMTP_PUBLIC_HOST: "smtp.invalid" }),
    finds: [/^failure names: smtp\.invalid \(SMTP_PUBLIC_HOST\) is not known to DNS/],
  },
  {
    name: "a database file that is none",
    breaks: () =>
      Deno.writeTextFile(bed.environment.SQLITE_PATH!, "This is no database.".repeat(99)),
    finds: [/^failure database: .*\.sqlite.*(malformed|not a database)/],
  },
  {
    name: "a folder for the database that may not be written",
    // Not even root may write there.
    breaks: () => Promise.resolve({ SQLITE_PATH: "/sys/db.sqlite" }),
    finds: [
      /^failure database: \/sys\/db\.sqlite does not exist, and \/sys may not be written/,
    ],
  },
  {
    name: "a folder in the place of the database file",
    breaks: () => Promise.resolve({ SQLITE_PATH: bed.directory }),
    finds: [/^failure database: .* is not a file/],
  },
  {
    name: "a secret that does not open the tokens",
    breaks: async () => {
      await bed.seedAccount();
      return { SESSION_SECRET: "another secret of 32 characters!" };
    },
    finds: [/^failure database: SESSION_SECRET does not open the tokens of 1 account$/],
  },
  {
    name: "an identity service that does not answer",
    breaks: () => bed.simulation.identityProvider.stop(),
    finds: [/^failure identity service: .*\(unreachable\)/, /^failure app registration: /],
  },
  {
    name: "a client secret that Microsoft refuses",
    breaks: () =>
      Promise.resolve({
        APP_SECRETS: bed.environment.APP_SECRETS!.replace(/:.*/, ":wrong-secret"),
      }),
    finds: [/^ok identity service: /, /^failure app registration: .*AADSTS7000215/],
  },
  {
    name: "a submission server that does not answer",
    breaks: () => bed.simulation.submissionServer.stop(),
    finds: [/^failure submission server: localhost:\d+: no connection/],
  },
  {
    name: "a submission server whose certificate is not trusted",
    breaks: () => Promise.resolve(),
    ca: (await CertificateAuthority.create("Stranger")).certificate,
    finds: [/^failure submission server: localhost:\d+: certificate of localhost refused/],
  },
];

Deno.test("`check` finds nothing wrong in a sound environment", async () => {
  await bed.seedAccount();
  await Deno.writeTextFile(bed.environment.SMTP_CERT_FILE!, bed.ca, { append: true });
  const { ok, lines } = await check();
  assert.ok(ok, lines.join("\n"));
  assert.deepEqual(lines.filter((line) => !line.startsWith("ok ")), [
    "warning settings: Anyone with a Microsoft account (MICROSOFT_TENANT=common) may register here.",
  ]);
  for (
    const name of [
      "SMTP certificate",
      "ports",
      "names",
      "database",
      "identity service",
      "app registration",
      "submission server",
    ]
  ) assert.ok(lines.some((line) => line.startsWith(`ok ${name}: `)), name);
});

for (const { name, breaks, ca, finds } of BREAKAGES) {
  Deno.test(`\`check\` tells of ${name}`, async () => {
    const settings = await breaks();
    const { lines, checks } = await check(settings ?? {}, ca);
    for (const pattern of finds) {
      assert.ok(lines.some((line) => pattern.test(line)), `${pattern} in\n${lines.join("\n")}`);
    }
    const bad = checks.flatMap(({ findings }) => findings).filter(({ status }) => status !== "ok");
    assert.ok(bad.length > 0);
  });
}

Deno.test("`check` tries the public ports while the program runs", async () => {
  await using running = await Testbed.serving();
  const { lines } = await check({}, running.ca, running);
  const { startTls, http } = running.ports;
  assert.deepEqual(
    lines.filter((line) => line.includes("public ports")).filter((line) =>
      line.includes(`:${startTls} `) || line.includes(`:${http} `)
    ),
    [
      `ok public ports: localhost:${startTls} (SMTP_PUBLIC_HOST) accepts connections`,
      `ok public ports: localhost:${http} (PUBLIC_URL) accepts connections`,
    ],
  );
});

Deno.test("`check` tells of a port that another program has", async () => {
  using _listener = Deno.listen({ hostname: "127.0.0.1", port: bed.ports.tls });
  const { failures } = await check();
  assert.deepEqual(failures, [
    `failure ports: 127.0.0.1:${bed.ports.tls} (SMTP_TLS_PORT) is in use by another program`,
  ]);
});

Deno.test("`check` tells of a submission server without STARTTLS", async () => {
  await using other = await Testbed.open({ hide: ["STARTTLS"] });
  const { failures } = await check({}, other.ca, other);
  assert.match(failures.join("\n"), /^failure submission server: .*offers no STARTTLS/);
});

Deno.test("`check` tells of accounts that have to sign in again", async () => {
  await bed.seedAccount();
  bed.simulation.identityProvider.revokeAccessTokens(NORA);
  await bed.run(["send", NORA, "a@example.com"]);
  const { ok, lines } = await check();
  assert.ok(ok);
  assert.match(lines.join("\n"), /^warning database: nora@outlook\.example has to sign in again$/m);
});

Deno.test("`check` prints a table for people, and makes no database", async () => {
  const { output } = await bed.run(["check"]);
  assert.match(output, /^ok +database +\S+ does not exist yet, and can be created$/m);
  assert.doesNotMatch(output, /\p{Cc}\[/u, "no colours outside a terminal");
  await assert.rejects(Deno.stat(bed.environment.SQLITE_PATH!), Deno.errors.NotFound);
});
