/**
 * `check` in a sound environment, and in each broken one.
 */
import assert from "node:assert/strict";
import { CertificateAuthority } from "../tools/simulate/certificates.ts";
import { CommandWorld, type Settings } from "./command_world.ts";
import { NORA } from "./harness.ts";

interface Finding {
  readonly status: "ok" | "warning" | "failure";
  readonly text: string;
  readonly remedy?: string;
}

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly findings: readonly Finding[] }[];
}

/** Runs `check`. */
async function check(world: CommandWorld, settings?: Settings) {
  const { code, output, errors } = await world.run(["check", "--json"], settings);
  assert.ok(output.startsWith("{"), `${output}\n${errors}`);
  const report = JSON.parse(output) as Report;
  assert.equal(code, report.ok ? 0 : 1);
  /** What was found, one line each: `failure name: text`. */
  const lines = report.checks.flatMap(({ name, findings }) =>
    findings.map(({ status, text }) => `${status} ${name}: ${text}`)
  );
  return { ...report, lines, failures: lines.filter((line) => line.startsWith("failure")) };
}

/** How an environment is broken, and what `check` says then. */
interface Breakage {
  readonly name: string;
  readonly breaks: (world: CommandWorld) => Promise<Settings | void>;
  /** Matched against the lines of the report. */
  readonly finds: readonly RegExp[];
}

const HOUR_MS = 60 * 60 * 1000;

/** Puts another certificate in the place of ours. */
async function certify(
  world: CommandWorld,
  names: readonly string[],
  validity: { notBefore?: Date; notAfter?: Date } = {},
): Promise<void> {
  const { key, cert } = await world.simulation.certificateAuthority.issue({ names, ...validity });
  await Deno.writeTextFile(world.path("smtp_key.pem"), key);
  await Deno.writeTextFile(world.path("smtp_cert.pem"), cert);
}

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
    breaks: (world) => certify(world, ["mail.example.com"]),
    finds: [/^failure SMTP certificate: it is not for localhost but for DNS:mail\.example\.com/],
  },
  {
    name: "a certificate that has ended",
    breaks: (world) => {
      const nowMs = Date.now();
      const notBefore = new Date(nowMs - 2 * HOUR_MS);
      return certify(world, ["localhost"], { notBefore, notAfter: new Date(nowMs - HOUR_MS) });
    },
    finds: [/^failure SMTP certificate: it expired on /],
  },
  {
    name: "a certificate that ends soon",
    breaks: (world) => certify(world, ["localhost"], { notAfter: new Date(Date.now() + HOUR_MS) }),
    finds: [/^warning SMTP certificate: it expires on /],
  },
  {
    name: "a certificate without its chain",
    breaks: () => Promise.resolve(),
    finds: [/^warning SMTP certificate: its issuer \(CN=Simulation.*\) is no well-known authority/],
  },
  {
    name: "a public name that DNS does not know",
    breaks: () => Promise.resolve({ SMTP_PUBLIC_HOST: "smtp.invalid" }),
    finds: [/^failure names: smtp\.invalid \(SMTP_PUBLIC_HOST\) is not known to DNS/],
  },
  {
    name: "a database file that is none",
    breaks: (world) =>
      Deno.writeTextFile(world.path("db.sqlite"), "This is no database.".repeat(99)),
    finds: [/^failure database: .*db\.sqlite.*(malformed|not a database)/],
  },
  {
    name: "a folder for the database that may not be written",
    breaks: () => Promise.resolve({ SQLITE_PATH: "/nowhere/db.sqlite" }),
    finds: [
      /^failure database: \/nowhere\/db\.sqlite does not exist, and \/nowhere may not be written/,
    ],
  },
  {
    name: "a secret that does not open the tokens",
    breaks: async (world) => {
      await world.seedAccount();
      return { SESSION_SECRET: "another secret of 32 characters!" };
    },
    finds: [/^failure database: SESSION_SECRET does not open the tokens of 1 accounts/],
  },
  {
    name: "an identity service that does not answer",
    breaks: (world) => world.simulation.identityProvider.stop(),
    finds: [/^failure identity service: .*\(unreachable\)/, /^failure app registration: /],
  },
  {
    name: "a client secret that Microsoft refuses",
    breaks: ({ environment: { APP_SECRETS = "" } }) =>
      Promise.resolve({ APP_SECRETS: APP_SECRETS.replace(/:.*/, ":wrong-secret") }),
    finds: [/^ok identity service: /, /^failure app registration: .*AADSTS7000215/],
  },
  {
    name: "a submission server that does not answer",
    breaks: (world) => world.simulation.submissionServer.stop(),
    finds: [/^failure submission server: localhost:\d+: no connection/],
  },
  {
    name: "a submission server whose certificate is not trusted",
    breaks: async (world) => {
      const stranger = await CertificateAuthority.create("Stranger");
      await Deno.writeTextFile(world.path("stranger.pem"), stranger.certificate);
      return { DENO_CERT: world.path("stranger.pem") };
    },
    finds: [/^failure submission server: localhost:\d+: certificate of localhost refused/],
  },
];

Deno.test("`check` finds nothing wrong in a sound environment", async () => {
  await using world = await CommandWorld.start();
  await world.seedAccount();
  const { certificate } = world.simulation.certificateAuthority;
  await Deno.writeTextFile(world.path("smtp_cert.pem"), certificate, { append: true });
  const { ok, lines } = await check(world);
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

for (const { name, breaks, finds } of BREAKAGES) {
  Deno.test(`check tells of ${name}`, async () => {
    await using world = await CommandWorld.start();
    const settings = await breaks(world);
    const { lines, checks } = await check(world, settings ?? {});
    for (const pattern of finds) {
      assert.ok(lines.some((line) => pattern.test(line)), `${pattern} in\n${lines.join("\n")}`);
    }
    const bad = checks.flatMap(({ findings }) => findings).filter(({ status }) => status !== "ok");
    assert.ok(bad.length > 0);
  });
}

Deno.test("`check` tells of a port that another program has", async () => {
  await using world = await CommandWorld.start();
  using _listener = Deno.listen({ hostname: "127.0.0.1", port: world.ports.tls });
  const { failures } = await check(world);
  assert.deepEqual(failures, [
    `failure ports: 127.0.0.1:${world.ports.tls} (SMTP_TLS_PORT) is in use by another program`,
  ]);
});

Deno.test("`check` tells of a submission server without STARTTLS", async () => {
  await using world = await CommandWorld.start({ hide: ["STARTTLS"] });
  const { failures } = await check(world);
  assert.match(failures.join("\n"), /^failure submission server: .*offers no STARTTLS/);
});

Deno.test("`check` tells of accounts that have to sign in again", async () => {
  await using world = await CommandWorld.start();
  await world.seedAccount();
  world.simulation.identityProvider.revokeAccessTokens(NORA);
  await world.run(["send", NORA, "a@example.com"]);
  const { ok, lines } = await check(world);
  assert.ok(ok);
  assert.match(lines.join("\n"), /^warning database: nora@outlook\.example has to sign in again$/m);
});

Deno.test("`check` prints a table for people", async () => {
  await using world = await CommandWorld.start();
  const { output } = await world.run(["check"]);
  assert.match(output, /^ok +database +\S+ does not exist yet, and can be created$/m);
  assert.doesNotMatch(output, /\p{Cc}\[/u, "no colours outside a terminal");
  await assert.rejects(Deno.stat(world.path("db.sqlite")), Deno.errors.NotFound);
});
