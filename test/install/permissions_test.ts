/**
 * The program runs with the narrowest permissions: those that its settings need.
 */
import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { DESCRIPTOR_VARIABLE } from "../../lib/cli/mod.ts";
import { type Environment, parseConfig, VARIABLES } from "../../lib/config/mod.ts";
import { BUILT_PROGRAM } from "../../tools/bundle.ts";
import {
  MODULE_FLAGS,
  permissionFlags,
  permissionsOf,
  RUNTIME_FLAGS,
} from "../../tools/permissions.ts";
import { run } from "../programs.ts";
import { NORA, type ServeCommand, Testbed } from "../testbed.ts";

const MESSAGE = new TextEncoder().encode("Subject: Test\r\n\r\nText\r\n");

/** Settings as most people have them. */
const ORDINARY = {
  APP_SECRETS: "application-id:secret",
  SESSION_SECRET: "at-least-32-random-characters-xx",
  SMTP_PUBLIC_HOST: "mail.example.com",
  SMTP_PORT: "25",
} satisfies Environment;

function flagsFor(environment: Environment, args: readonly string[] = ["serve"]) {
  const config = parseConfig(environment, Deno.readTextFileSync);
  return permissionFlags(permissionsOf(args, environment, config));
}

/** Runs the program with the permissions that one environment needs, and the settings of another. */
function withPermissionsFor(change: (environment: Environment) => Environment): ServeCommand {
  return (_network, _dataDirectory, args, options) =>
    new Deno.Command(Deno.execPath(), {
      ...options,
      args: [
        ...["run", ...MODULE_FLAGS, ...RUNTIME_FLAGS, ...flagsFor(change(options.env ?? {}))],
        ...[BUILT_PROGRAM, "serve", ...args],
      ],
    });
}

Deno.test("the program serves with exactly the permissions that its settings need", async () => {
  const command = withPermissionsFor((environment) => environment);
  await using bed = await Testbed.serving({}, {}, command);
  using client = await bed.logIn(await bed.signIn(), "startTls");
  await client.envelope(NORA, ["a@example.com"]);
  assert.match(await client.data(MESSAGE), /^250 /);
  assert.doesNotMatch(bed.server.log, /NotCapable|Requires \w+ access/);
});

Deno.test("W9: the program cannot reach a host that its permissions do not name", async () => {
  const command = withPermissionsFor((environment) => ({
    ...environment,
    MICROSOFT_AUTHORITY: "https://login.microsoftonline.com",
  }));
  await using bed = await Testbed.serving({}, {}, command);
  const page = await fetch(`${bed.url}/auth`, { redirect: "manual" });
  await page.body?.cancel();
  assert.notEqual(page.status, 302, "there is no way to the sign-in page");
  const { host } = new URL(bed.simulation.identityProvider.authority);
  await bed.server.logs(new RegExp(`Requires net access to .{1,2}${host}.*--allow-net`));
});

/** Attempts of somebody who has taken over the program. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  "fetch from another host": `await fetch("https://example.com/")`,
  "connect to another port": `await Deno.connect({ hostname: "smtp.office365.com", port: 25 })`,
  "listen on a port that the system chooses": `Deno.listen({ hostname: "0.0.0.0", port: 0 })`,
  "listen on another port": `Deno.listen({ hostname: "0.0.0.0", port: 2526 })`,
  "read another file": `await Deno.readTextFile("/etc/hostname")`,
  "read the program's own source": `await Deno.readTextFile("main.ts")`,
  "change the program's own source": `await Deno.writeTextFile("main.ts", "")`,
  "write beside the database's folder": `await Deno.writeTextFile("data.txt", "")`,
  "read another variable": `Deno.env.get("HOME")`,
  "list all variables": `Deno.env.toObject()`,
  "run a program": `new Deno.Command(Deno.execPath()).outputSync()`,
  "load a library": `Deno.dlopen("libc.so.6", {})`,
  "ask about the machine": `Deno.hostname()`,
};

Deno.test("W9: the program may not do what its settings do not need", async (test) => {
  const attempts = Object.entries(FORBIDDEN).map(([deed, code]) =>
    `try { ${code}; console.log(${JSON.stringify(deed)} + ": done"); }
     catch ({ name, message }) { console.log(${JSON.stringify(deed)} + ":", name + ":", message); }`
  );
  const { output } = await run(Deno.execPath(), [
    ...["run", ...MODULE_FLAGS, ...RUNTIME_FLAGS, ...flagsFor(ORDINARY)],
    `data:application/javascript,${encodeURIComponent(attempts.join("\n"))}`,
  ]);
  for (const deed of Object.keys(FORBIDDEN)) {
    await test.step(deed, () => {
      assert.match(output, new RegExp(`^${deed}: NotCapable: Requires \\w+ access`, "m"));
    });
  }
});

/** Code that does not come with the program. */
const FOREIGN: Readonly<Record<string, string>> = {
  "a file elsewhere": new URL("../../lib/base/error_text.ts", import.meta.url).href,
  "a host of its choice": "https://example.com/code.ts",
  "a host that Deno trusts by default": "https://deno.land/std@0.224.0/version.ts",
  "an address on this machine": "http://127.0.0.1:3000/code.ts",
  "npm": "npm:a-package-that-is-not-in-the-cache@1.2.3",
  "JSR": "jsr:@std/version-that-is-not-in-the-cache",
};

for (const [name, specifier] of Object.entries(FOREIGN)) {
  Deno.test(`W9: the program may not import from ${name}`, async () => {
    // Deno loads what it finds in the source with the program itself: an attacker's address is not in the source.
    const code =
      `const place = ${JSON.stringify([...specifier])}.join(""); await import(place).then(` +
      `() => console.log("loaded"), (error) => console.log("refused:", error.message))`;
    const { output } = await run(Deno.execPath(), [
      ...["run", ...MODULE_FLAGS, ...RUNTIME_FLAGS, ...flagsFor(ORDINARY)],
      `data:application/javascript,${encodeURIComponent(code)}`,
    ]);
    assert.match(
      output,
      /refused: [^]*(Requires (read|import) access|no-remote is specified|cached-only is specified|not found in (the )?cache)/i,
    );
  });
}

Deno.test("W9: every way to start the program takes modules from the cache alone", async () => {
  const script = await Deno.readTextFile("tools/smtp-oauth2-proxy");
  const { start, init, check } = manifest.tasks;
  for (const command of [script, start.command, init.command, check.command]) {
    assert.match(
      command,
      /deno run --quiet --cached-only --frozen --no-remote .*tools\/permissions\.ts/,
    );
    assert.match(
      command,
      /deno run (--quiet )?\$/,
      "the flags come from tools/permissions.ts alone",
    );
  }
});

Deno.test({
  name: "the program starts without a network",
  ignore: Deno.build.os === "windows",
  async fn() {
    const proxy = "http://127.0.0.1:9";
    const { stdout } = await new Deno.Command("tools/smtp-oauth2-proxy", {
      args: ["--version"],
      env: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, https_proxy: proxy, http_proxy: proxy },
    }).output();
    assert.equal(new TextDecoder().decode(stdout).trim(), manifest.version);
  },
});

Deno.test("permissionsOf() names what the settings name, and no more", () => {
  const environment = {
    ...ORDINARY,
    SMTP_HOST: "192.0.2.1",
    HTTP_HOST: "localhost",
    ALERT_WEBHOOK_URL: "https://alerts.example.com/hook",
    MICROSOFT_AUTHORITY: "https://login.microsoftonline.us",
    SMTP_TARGET_HOST: "smtp.office365.us",
    SQLITE_PATH: "/var/lib/proxy/db.sqlite",
    METRICS_PORT: "9090",
  };
  const config = parseConfig(environment, Deno.readTextFileSync);
  const permissions = permissionsOf(["serve", "--env-file", "/etc/proxy.env"], environment, config);
  assert.deepEqual(permissions, {
    net: [
      ...["login.microsoftonline.us:443", "smtp.office365.us:587", "alerts.example.com:443"],
      "192.0.2.1:25",
      ...["127.0.0.1:3000", "[::1]:3000"],
      ...["127.0.0.1:9090", "[::1]:9090"],
    ],
    read: ["/etc/proxy.env", "/var/lib/proxy"],
    write: ["/var/lib/proxy"],
    env: [...VARIABLES, DESCRIPTOR_VARIABLE],
    sys: [],
  });
});

Deno.test("permissionsOf() needs no other host for app-only mailboxes", () => {
  const netOf = (environment: Environment) =>
    permissionsOf(["serve"], environment, parseConfig(environment, Deno.readTextFileSync)).net;
  const tenant = "22222222-2222-4222-8222-222222222222";
  const both = { ...ORDINARY, APP_SECRETS: `application-id:secret,office@${tenant}:secret` };
  assert.deepEqual(netOf(both), netOf(ORDINARY));
  const alone = { ...ORDINARY, APP_SECRETS: "office:secret", MICROSOFT_TENANT: tenant };
  assert.deepEqual(netOf(alone), netOf(ORDINARY));
});

Deno.test("permissionsOf() lets the program reach the database server, and the way past a pooler", () => {
  const environment = {
    ...ORDINARY,
    DATABASE_URL: "postgres://proxy:secret@pool.example.com:6432/proxy",
    DATABASE_LISTEN_URL: "postgres://proxy:secret@[2001:db8::1]/proxy",
    DATABASE_CA_FILE: "deno.json",
  };
  const config = parseConfig(environment, Deno.readTextFileSync);
  const { net, read } = permissionsOf(["serve"], environment, config);
  assert.ok(net.includes("pool.example.com:6432") && net.includes("[2001:db8::1]:5432"));
  assert.ok(read.includes("deno.json"));
});

Deno.test("permissionsOf() names the certificate authority only where ACME is on", () => {
  const acme = flagsFor({ ...ORDINARY, ACME: "on" }).join(" ");
  assert.match(acme, /[=,]acme-v02\.api\.letsencrypt\.org:443,/);
  assert.match(acme, /0\.0\.0\.0:80,/);
  const other = { ACME: "on", ACME_DIRECTORY_URL: "https://ca.example:14000/dir" };
  assert.match(flagsFor({ ...ORDINARY, ...other }).join(" "), /[=,]ca\.example:14000,/);
  for (const environment of [ORDINARY, { ...ORDINARY, OWN_CA: "on" }]) {
    assert.doesNotMatch(flagsFor(environment).join(" "), /letsencrypt/);
  }
});

Deno.test("permissionsOf() lets an authority of its own know the addresses of the machine", () => {
  const flag = "--allow-sys=networkInterfaces";
  assert.ok(flagsFor({ ...ORDINARY, OWN_CA: "on" }).includes(flag));
  assert.ok(!flagsFor(ORDINARY).join(" ").includes("--allow-sys"));
});

Deno.test("permissionsOf() lets a command reach the files that it is given", () => {
  const needs = (...args: string[]) => permissionsOf(args, ORDINARY, undefined);
  const beside = ["old.db", "old.db-wal", "old.db-shm"];
  assert.deepEqual(needs("account", "import", "old.db").read, [".env", "env", "data", ...beside]);
  assert.deepEqual(needs("account", "import", "old.db").write, ["data"]);
  assert.deepEqual(needs("backup", "copy.db").write, ["data", "copy.db"]);
  assert.deepEqual(needs("account", "show", "old.db").read, [".env", "env", "data"]);
  assert.deepEqual(needs("init", "--database", "/srv/db.sqlite").write, [".env", "/srv"]);
});

Deno.test("permissionsOf() lets a health check reach the running server alone", () => {
  assert.equal(
    flagsFor(ORDINARY, ["healthcheck"])[0],
    "--allow-net=127.0.0.1:3000,[::1]:3000,0.0.0.0:3000,[::]:3000",
  );
});

Deno.test("tools/permissions.ts prints all flags, one a line", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-env", "--allow-read", "tools/permissions.ts", "serve"],
    env: ORDINARY,
  }).output();
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  const fixed = [...MODULE_FLAGS, ...RUNTIME_FLAGS];
  assert.deepEqual(lines.slice(0, fixed.length), fixed);
  assert.match(lines.find((line) => line.startsWith("--allow-read=")) ?? "", /[=,]data(,|$)/);
  assert.deepEqual(lines.filter((line) => !line.startsWith("--")), []);
});

Deno.test("app-only mailboxes need no other host, and the files of registrations may be read", () => {
  const tenant = "22222222-2222-4222-8222-222222222222";
  const office = {
    ...ORDINARY,
    APP_SECRETS: `application-id:secret,other-id@${tenant}:secret`,
    APP_TOKEN_FILES: "third-id:/run/secrets/token",
  };
  const flagOf = (environment: Environment, name: string) =>
    flagsFor(environment).find((flag) => flag.startsWith(name));
  assert.equal(flagOf(office, "--allow-net"), flagOf(ORDINARY, "--allow-net"));
  assert.equal(flagOf(office, "--allow-write"), flagOf(ORDINARY, "--allow-write"));
  assert.match(flagOf(office, "--allow-read")!, /[=,]\/run\/secrets\/token(,|$)/);
  const broken = { ...ORDINARY, APP_CERT_FILES: "a:/a.crt", APP_KEY_FILES: "a:/a.key,b" };
  assert.ok(permissionsOf(["serve"], broken, undefined).read.includes("/a.crt"));
  const list = permissionsOf(["mailbox", "add", "--file", "list.csv"], ORDINARY, undefined);
  assert.ok(list.read.includes("list.csv"));
});

Deno.test("permissionFlags() names the folder around a path with a comma", () => {
  const permissions = { net: [], read: ["a/b,c/d", "e"], write: [], env: [], sys: [] };
  assert.deepEqual(permissionFlags(permissions), ["--allow-read=a,e"]);
});

Deno.test("the permission set `serve` reaches Microsoft and its own addresses, and nothing else", () => {
  const { net, read, write, env, ...others } = manifest.permissions.serve;
  const needed = permissionsOf(
    ["serve"],
    ORDINARY,
    parseConfig(ORDINARY, Deno.readTextFileSync),
  );
  const withPort = (host: string) => /:\d+$/.test(host);
  const own = ["0.0.0.0", "[::]", "127.0.0.1", "[::1]", "localhost"];
  const isOwn = (host: string) => own.includes(host.replace(/:\d+$/, ""));
  assert.deepEqual(
    net.filter(withPort),
    Array.from(needed.net).filter((host) => !isOwn(host)),
  );
  assert.deepEqual(net.filter((host) => !withPort(host)), own);
  assert.ok(needed.read.every((path) => read.includes(path)));
  assert.ok(needed.write.every((path) => write.includes(path)));
  assert.deepEqual(env, needed.env, "run: deno task docs");
  assert.deepEqual(needed.sys, []);
  assert.deepEqual(others, {}, "neither run nor ffi nor anything else");
});
