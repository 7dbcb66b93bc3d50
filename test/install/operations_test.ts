/**
 * The files with which the program is operated: container, services, proxies in front.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import manifest from "../../deno.json" with { type: "json" };
import { SETTINGS } from "../../lib/config/mod.ts";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { requireProgram, run } from "../programs.ts";

const EXAMPLES = "docs/operations";
const INSTALLED = "/opt/smtp-oauth2-proxy";
/** systemd-analyze counts from 0, perfectly confined, to 100. */
const MAX_EXPOSURE = "20";

const dockerfile = await Deno.readTextFile("Dockerfile");

/** Returns the packages in `deno.json` that the program itself imports. */
async function importedPackages(): Promise<Set<string>> {
  const { output } = await run(Deno.execPath(), ["info", "--json", "main.ts"]);
  const { modules } = JSON.parse(output.slice(output.indexOf("{")));
  const specifiers: string[] = modules.flatMap(
    ({ dependencies = [] }: { dependencies?: { specifier: string }[] }) =>
      dependencies.map(({ specifier }) => specifier),
  );
  return new Set(specifiers);
}

/** The same package, when it is imported in parts: `preact/hooks` belongs to `preact`. */
function isImported(name: string, imported: ReadonlySet<string>): boolean {
  const folder = name.endsWith("/") ? name : `${name}/`;
  return [...imported].some((specifier) => specifier === name || specifier.startsWith(folder));
}

Deno.test("the image leaves out exactly the packages that the program does not import", async () => {
  const [, list = ""] = /deno remove --quiet ((?:.*\\\n)*.*)/.exec(dockerfile) ?? [];
  const left = list.split(/[\s\\]+/).filter(Boolean);
  const imported = await importedPackages();
  const packages = Object.entries(manifest.imports)
    .filter(([name, target]) => target.startsWith("npm:") && !isImported(name, imported))
    // The JSX transform imports it where no import is written.
    .filter(([name]) => name !== manifest.compilerOptions.jsxImportSource)
    .map(([name]) => name);
  assert.deepEqual(left.toSorted(), packages.toSorted());
});

Deno.test("the image has the Deno version that the tests run with, and nothing runs as root", () => {
  const versions = [...dockerfile.matchAll(/^FROM .*\bdenoland\/deno:(\S+)/gm)].map(([, tag]) =>
    tag
  );
  assert.deepEqual(versions, Array(2).fill(Deno.version.deno));
  const lines = dockerfile.split("\n");
  const user = lines.findLastIndex((line) => line.startsWith("USER "));
  assert.equal(lines[user], "USER deno");
  assert.ok(user < lines.findIndex((line) => line.startsWith("ENTRYPOINT ")));
});

Deno.test("every setting in the examples exists", async () => {
  const names: readonly string[] = SETTINGS.map(({ name }) => name);
  const own = /^\s+((?:SMTP|HTTP|HTTPS|TRUST|PUBLIC|SQLITE|METRICS|LOG)_[A-Z_]+):/gm;
  let count = 0;
  for await (const { name } of Deno.readDir(EXAMPLES)) {
    if (!name.endsWith(".yml") || !name.startsWith("docker-compose")) continue;
    const text = await Deno.readTextFile(join(EXAMPLES, name));
    for (const [, setting = ""] of text.matchAll(own)) {
      assert.ok(names.includes(setting), `${name}: ${setting}`);
      count++;
    }
  }
  assert.ok(count > 20, `only ${count} settings were found`);
});

/** Writes an example to a temporary directory, with another text in the place of some. */
async function adapt(file: string, name: string, texts: Record<string, string>): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_operations_" });
  let text = await Deno.readTextFile(join(EXAMPLES, file));
  for (const [from, to] of Object.entries(texts)) text = text.replaceAll(from, to);
  const path = join(directory, name);
  await Deno.writeTextFile(path, text);
  return path;
}

for (
  const [file, place] of [
    ["smtp-oauth2-proxy.service", INSTALLED],
    ["smtp-oauth2-proxy.user.service", "%h/smtp-oauth2-proxy"],
  ] as const
) {
  Deno.test({
    name: `systemd accepts ${file}`,
    ...requireProgram("systemd-analyze"),
    async fn() {
      const unit = await adapt(file, "smtp-oauth2-proxy.service", { [place]: Deno.cwd() });
      const { code, output } = await run("systemd-analyze", ["verify", "--man=no", unit]);
      assert.equal(code, 0, output);
      assert.ok(!output.includes(unit), output);
    },
  });
}

Deno.test({
  name: "systemd confines the service well",
  ...requireProgram("systemd-analyze"),
  async fn() {
    const { code, output } = await run("systemd-analyze", [
      ...["security", "--no-pager", "--offline=yes", `--threshold=${MAX_EXPOSURE}`],
      join(EXAMPLES, "smtp-oauth2-proxy.service"),
    ]);
    assert.equal(code, 0, output);
  },
});

Deno.test({
  name: "HAProxy accepts haproxy.cfg",
  ...requireProgram("haproxy", "-v"),
  async fn() {
    const authority = await CertificateAuthority.create("Test");
    const { key, cert } = await authority.issue({ names: ["localhost"] });
    const config = await adapt("haproxy.cfg", "haproxy.cfg", {
      "/usr/local/etc/haproxy/certs/haproxy.pem": "haproxy.pem",
      " proxy:": " 127.0.0.1:",
    });
    const directory = join(config, "..");
    await Deno.writeTextFile(join(directory, "haproxy.pem"), cert + key);
    const { code, output } = await run("haproxy", ["-c", "-C", directory, "-f", config]);
    assert.equal(code, 0, output);
  },
});
