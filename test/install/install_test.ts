/**
 * Tests of the installation pages' parts: the script for an executable, the short compose file, the ignored files.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { parseConfig } from "../../lib/config/mod.ts";
import { blocksOf } from "./clone.ts";
import { requireProgram, run } from "../programs.ts";

const SCRIPT = "tools/install.sh";
/** Stands for the executable. */
const EXECUTABLE = "#!/bin/sh\necho 1.2.3\n";

const machine = Deno.build.arch;
const system = Deno.build.os === "darwin" ? "apple-darwin" : "unknown-linux-gnu";
const FILE = `smtp-oauth2-proxy-${machine}-${system}`;

function sum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Runs the script against a server with these files. @returns what it printed, and what it installed. */
async function install(files: Readonly<Record<string, string>>, ...args: string[]) {
  const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_install_" });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const file = files[new URL(request.url).pathname];
    return new Response(file ?? "", { status: file === undefined ? 404 : 200 });
  });
  try {
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: [SCRIPT, ...args],
      env: {
        RELEASES: `http://127.0.0.1:${server.addr.port}`,
        INSTALL_DIRECTORY: join(directory, "bin"),
      },
    }).output();
    const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    const installed = await Deno.readTextFile(join(directory, "bin/smtp-oauth2-proxy"))
      .catch(() => undefined);
    return { code, output, installed };
  } finally {
    await server.shutdown();
    await Deno.remove(directory, { recursive: true });
  }
}

/** Files of a release, at an address. */
function release(address: string, checksum = sum(EXECUTABLE)): Record<string, string> {
  const sums = `${sum("other")}  smtp-oauth2-proxy-other\n${checksum}  ${FILE}\n`;
  return { [`${address}/${FILE}`]: EXECUTABLE, [`${address}/SHA256SUMS`]: sums };
}

const withCurl = requireProgram("curl");

Deno.test({
  name: "install.sh installs the newest release, or the one that is named",
  ...withCurl,
  async fn() {
    for (
      const [address, args] of [["/latest/download", []], ["/download/v1.2.3", ["v1.2.3"]]] as const
    ) {
      const { code, output, installed } = await install(release(address), ...args);
      assert.equal(code, 0, output);
      assert.equal(installed, EXECUTABLE);
      assert.match(output, /Installed: .*smtp-oauth2-proxy 1\.2\.3\n.* init/);
    }
  },
});

Deno.test({
  name: "install.sh installs nothing whose checksum is wrong or missing",
  ...withCurl,
  async fn() {
    const wrong = await install(release("/latest/download", sum("tampered")));
    assert.equal(wrong.code, 1);
    assert.match(wrong.output, /checksum of .* is wrong\. Nothing was installed/);
    assert.equal(wrong.installed, undefined);
    const files = release("/latest/download");
    const missing = await install({
      ...files,
      "/latest/download/SHA256SUMS": `${sum("x")}  other\n`,
    });
    assert.match(missing.output, /no line for smtp-oauth2-proxy-/);
    assert.equal(missing.installed, undefined);
    const absent = await install({});
    assert.match(absent.output, /cannot be fetched/);
    assert.equal(absent.code, 1);
  },
});

Deno.test({
  name: "shellcheck finds no fault in the scripts that install and test",
  ...requireProgram("shellcheck"),
  async fn() {
    const scripts = [
      SCRIPT,
      ".ci/run",
      "tools/smtp-oauth2-proxy",
      "docs/operations/smtp-oauth2-proxy.sh",
    ];
    const { code, output } = await run("shellcheck", scripts);
    assert.equal(code, 0, output);
  },
});

Deno.test("the compose file is short, and runs the image by its name", async () => {
  const text = await Deno.readTextFile("docs/install/docker-compose.yml");
  assert.ok(text.trimEnd().split("\n").length < 15);
  const workflow = await Deno.readTextFile(".github/workflows/release.yml");
  const [, name = ""] = /image: ghcr\.io\/OWNER\/(\S+):latest/.exec(text) ?? [];
  assert.match(
    workflow,
    new RegExp(`ghcr\\.io/\\$\\{\\{ github\\.repository_owner \\}\\}/${name}\n`),
  );
});

/** Returns the README's commands for a server of one's own, up to those of Docker, and those of Docker. */
async function commandsOfReadme(): Promise<readonly [settings: string, docker: string]> {
  const block = (await blocksOf("README.md")).find((text) => text.includes("docker run")) ?? "";
  const [settings = "", docker = ""] = block.split(/^(?=docker run)/m);
  return [settings, docker];
}

Deno.test({
  name: "the README's commands for a server of one's own write settings that are valid",
  ...requireProgram("openssl", "version"),
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_install_" });
    const [commands] = await commandsOfReadme();
    const { success } = await new Deno.Command("sh", { args: ["-ec", commands], cwd: directory })
      .output();
    assert.ok(success);
    const text = await Deno.readTextFile(join(directory, "settings.env"));
    // Docker takes the lines as they are.
    const settings = Object.fromEntries(
      text.trim().split("\n").map((line) => [line.replace(/=.*/, ""), line.replace(/^[^=]*=/, "")]),
    );
    const { smtp } = parseConfig(settings, Deno.readTextFileSync);
    assert.deepEqual([smtp.publicTlsPorts, smtp.publicStartTlsPorts], [[465], [587]]);
    await Deno.remove(directory, { recursive: true });
  },
});

Deno.test("the compose file does the same as the README's docker run", async () => {
  const compose = await Deno.readTextFile("docs/install/docker-compose.yml");
  const [, docker] = await commandsOfReadme();
  const ports = [...docker.matchAll(/--publish (\S+)/g)].map(([, port]) => `"${port}"`).join(", ");
  const [, volume = ""] = /--volume (\S+)/.exec(docker) ?? [];
  const [, envFile = ""] = /--env-file (\S+)/.exec(docker) ?? [];
  const [, image = ""] = /(ghcr\.io\S+)/.exec(docker) ?? [];
  const lines = [
    `ports: [${ports}]`,
    `volumes: ["${volume}"]`,
    `env_file: ${envFile}`,
    `image: ${image}`,
  ];
  for (const line of lines) {
    assert.ok(compose.includes(`${line}\n`), line);
  }
});

/** Files that hold secrets, by the place where somebody would put them. */
const SECRETS = [
  ".env",
  "env",
  "settings.env",
  "certs/privkey.pem",
  "data/db.sqlite",
  "docs/operations/.env",
  "docs/operations/env",
  "docs/operations/certs/privkey.pem",
  "docs/operations/data/db.sqlite",
  "docs/install/settings.env",
];

Deno.test({
  name: "files that hold secrets are ignored everywhere, by git and by the image's build",
  ...requireProgram("git"),
  async fn() {
    for (const path of SECRETS) {
      assert.equal(
        (await run("git", ["check-ignore", "--quiet", "--no-index", path])).code,
        0,
        path,
      );
    }
    const dockerignore = await Deno.readTextFile(".dockerignore");
    for (const pattern of ["**/.env", "**/env", "**/*.env", "**/certs", "**/data"]) {
      assert.match(dockerignore, new RegExp(`^${pattern.replaceAll("*", "\\*")}$`, "m"), pattern);
    }
  },
});

/** A workflow, as far as it is looked at. */
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<string, {
      readonly needs?: string;
      readonly "timeout-minutes": number;
      readonly steps: readonly { id?: string; uses?: string; run?: string; shell?: string }[];
    }>
  >;
}

/** Reads all workflows, by their file names. */
async function workflows(): Promise<Readonly<Record<string, Workflow>>> {
  const program = "import glob, json, yaml\n" +
    "print(json.dumps({path: yaml.load(open(path), yaml.BaseLoader) for path in glob.glob('.github/workflows/*.yml')}))";
  const { code, output } = await run("python3", ["-c", program]);
  assert.equal(code, 0, output);
  return JSON.parse(output);
}

Deno.test({
  name: "the workflows refer to what there is, and pin what they use",
  ...requireProgram("python3", "-c", "import yaml"),
  async fn() {
    for (const [path, { permissions, jobs }] of Object.entries(await workflows())) {
      const text = await Deno.readTextFile(path);
      assert.ok(permissions, `${path} has no permissions`);
      for (const { needs, steps, "timeout-minutes": limit } of Object.values(jobs)) {
        assert.ok(limit, `a job of ${path} has no limit`);
        assert.ok(needs === undefined || needs in jobs, `${path} needs ${needs}`);
        for (const { uses = "x@v1.2.3" } of steps) assert.match(uses, /@v\d+\.\d+\.\d+$/, path);
      }
      const ids = Object.values(jobs).flatMap(({ steps }) => steps.map(({ id }) => id));
      for (const [, id] of text.matchAll(/\$\{\{ steps\.(\w+)\./g)) {
        assert.ok(ids.includes(id), `${path} has no step ${id}`);
      }
      for (const [, task = ""] of text.matchAll(/deno(?:@\S+)? task (\w+(?::\w+)?)$/gm)) {
        assert.match(await Deno.readTextFile("deno.json"), new RegExp(`"${task}": \\{`), path);
      }
    }
  },
});

Deno.test({
  name: "shellcheck finds no fault in the commands of the workflows",
  ignore: requireProgram("shellcheck").ignore ||
    requireProgram("python3", "-c", "import yaml").ignore,
  async fn() {
    for (const [path, { jobs }] of Object.entries(await workflows())) {
      const commands = Object.values(jobs).flatMap(({ steps }) =>
        steps.map(({ run }) => run ?? "")
      );
      for (const stdin of commands.filter(Boolean)) {
        const { code, output } = await run("shellcheck", [
          "--shell=bash",
          "--severity=warning",
          "-",
        ], { stdin });
        assert.equal(code, 0, `${path}: ${stdin}\n${output}`);
      }
    }
  },
});
