/**
 * The bundle of an executable: one file that needs nothing beside it.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { VERSION } from "../../lib/base/version.ts";
import { bundleProgram } from "../../tools/bundle.ts";
import { bakedPermissions, compileArguments } from "../../tools/compile.ts";
import { permissionFlags, RUNTIME_FLAGS } from "../../tools/permissions.ts";
import { NORA, type ServeCommand, Testbed } from "../testbed.ts";

/** Deno without anything it could fetch or has fetched before. */
const ALONE = ["run", "--unstable-net", "--no-config", "--no-remote", "--no-npm", ...RUNTIME_FLAGS];

let directory: string;
let bundle: string;

Deno.test.beforeAll(async () => {
  directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_compile_" });
  bundle = await bundleProgram(directory, { split: false });
});
Deno.test.afterAll(async () => await Deno.remove(directory, { recursive: true }));

/** Runs the bundle in an empty directory, with an empty cache and the permissions of the executable. */
function runAlone(dataDirectory: string, args: readonly string[], options: Deno.CommandOptions) {
  const permissions = permissionFlags(bakedPermissions({ net: [], path: [dataDirectory] }));
  return new Deno.Command(Deno.execPath(), {
    ...options,
    cwd: dataDirectory,
    env: { ...options.env, DENO_DIR: join(directory, "cache") },
    args: [...ALONE, ...permissions, bundle, ...args],
  });
}

Deno.test("the bundle tells its version", async () => {
  const { stdout } = await runAlone(directory, ["--version"], {}).output();
  assert.equal(new TextDecoder().decode(stdout).trim(), VERSION);
});

/** Starts the bundle as a server. */
const serveBundle: ServeCommand = (_network, dataDirectory, args, options) =>
  runAlone(dataDirectory, ["serve", ...args], options);

Deno.test("the bundle serves pages, styles and mail from an empty directory", async () => {
  await using bed = await Testbed.serving({}, {}, serveBundle);
  const page = await (await fetch(bed.url)).text();
  const [, style] = /<link rel="stylesheet" href="([^"]+)"/.exec(page) ?? [];
  const response = await fetch(new URL(style ?? "", bed.url));
  assert.match(response.headers.get("content-type") ?? "", /^text\/css/);
  await response.body?.cancel();
  using client = await bed.logIn(await bed.signIn(), "startTls");
  await client.envelope(NORA, ["a@example.com"]);
  assert.match(await client.data(new TextEncoder().encode("Subject: x\r\n\r\nx\r\n")), /^250 /);
});

Deno.test("an executable embeds the bundle and nothing else", async () => {
  // The runtime of executables is not part of Deno. With Deno itself in its place all is embedded, but it cannot start.
  const env = { DENORT_BIN: await Deno.realPath(Deno.execPath()) };
  const args = compileArguments(bundle, Deno.build.target, directory, { net: [], path: [] });
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args], env })
    .output();
  const output = stripVTControlCharacters(new TextDecoder().decode(stderr));
  assert.equal(code, 0, output);
  const [, files = ""] = /Embedded Files\n\n.*\n((?:[├└].*\n)+)/.exec(output) ?? [];
  assert.match(files, /^└── \S*main\.js \([\d.]+MB\)\n$/, output);
});

Deno.test("compileArguments() bakes the permissions in, and what was added", () => {
  const additions = { net: ["alerts.example.com:443"], path: ["/srv/mail"] };
  const args = compileArguments("main.js", "x86_64-pc-windows-msvc", "dist", additions);
  const flag = (name: string) => args.find((argument) => argument.startsWith(`--allow-${name}=`));
  assert.match(flag("net") ?? "", /=login\.microsoftonline\.com:443,.*,alerts\.example\.com:443$/);
  assert.match(flag("read") ?? "", /=\.env,env,data,.*,\/srv\/mail$/);
  assert.equal(flag("write"), "--allow-write=data,/var/lib/smtp-oauth2-proxy,/srv/mail");
  assert.match(flag("env") ?? "", /=APP_SECRETS,/);
  assert.deepEqual(
    args.filter((argument) => /^--allow-(run|ffi|sys|all|import)/.test(argument)),
    ["--allow-sys=networkInterfaces"],
  );
  assert.ok(args.includes(join("dist", "smtp-oauth2-proxy-x86_64-pc-windows-msvc.exe")));
});
