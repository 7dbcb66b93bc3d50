/**
 * The commands of Docker in the documents, as they stand there. Only the ports on this machine, the folders and the owner of the
 * repository are put in the place of the examples'.
 */
import assert, { fail } from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { connect } from "node:tls";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { blocksOf, cloneInto } from "./clone.ts";
import { Docker, requireDocker } from "./docker.ts";
import { makeOldProxy } from "./old_proxy.ts";
import { ReservedPorts } from "../ports.ts";
import { requireProgram } from "../programs.ts";
import { RunningProgram } from "../running_program.ts";
import { NORA } from "../testbed.ts";
import { converse } from "../tls_client.ts";

const options = await requireDocker();
const isSkipped = options.ignore || requireProgram("git").ignore ||
  requireProgram("openssl", "version").ignore;

const ports = ReservedPorts.reserve();
const authority = await CertificateAuthority.create("Test");
let docker: Docker;
let clone: string;

Deno.test.beforeAll(async () => {
  if (isSkipped) return;
  docker = await Docker.prepare();
  clone = join(docker.directory, "clone");
  await cloneInto(clone);
  // CONTRIBUTING.md: the image is built, and starts without a network.
  const lines = (await blockOf("CONTRIBUTING.md", "docker build")).match(/^docker .*$/gm) ?? [];
  const output = await docker.succeed(lines.join("\n"), clone);
  assert.match(output, /^\d+\.\d+\.\d+$/m);
  await docker.succeed(`docker tag smtp-oauth2-proxy ${here(IMAGE)}:latest`);
});
Deno.test.afterAll(async () => {
  await docker?.[Symbol.asyncDispose]();
  ports[Symbol.dispose]();
});

const IMAGE = "ghcr.io/OWNER/smtp-oauth2-proxy";

/** Returns commands with the names and the ports of this machine. */
function here(text: string): string {
  const taken: Readonly<Record<string, number>> = {
    ...{ 25: ports.smtp, 80: ports.metrics, 443: ports.http, 465: ports.tls, 587: ports.startTls },
  };
  return text.replaceAll("OWNER", "owner").replaceAll("/srv/smtp-oauth2-proxy", folder())
    .replaceAll(/\b(25|80|443|465|587):(?=\d+\b)/g, (_, port) => `${taken[port]}:`);
}

function folder(): string {
  return join(docker.directory, "srv");
}

/** Returns the block of a document with a command, as it is followed here. */
async function blockOf(path: string, command: string): Promise<string> {
  const block = (await blocksOf(path)).find((text) => text.includes(command));
  return here(block ?? fail(`${path} has no ${command}`));
}

/** Reads the log until the program is ready. */
async function awaitReady(followLog: string, cwd?: string): Promise<void> {
  const log = await RunningProgram.start(docker.command(`exec ${followLog}`, cwd));
  await log.kill();
}

/** Asserts that a client is greeted on the published port: by TLS, whose certificate nobody trusts yet. */
async function greets(): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port: ports.tls, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const [greeting = "", hello = ""] = await converse(socket, ["EHLO client.example"]);
  assert.match(greeting, /^220 mail\.example\.com /);
  assert.match(hello, /^250 /);
}

Deno.test({
  name: "docs/install/vps.md: with Docker, the server is installed, upgraded and removed",
  ignore: isSkipped,
  async fn() {
    await docker.succeed(await blockOf("docs/install/vps.md", "cat > settings.env"));
    const [start = "", check = "", follow = ""] =
      (await blockOf("docs/install/vps.md", "docker run")).split(/^(?=docker (?:exec|logs))/m);
    assert.ok((await blockOf("README.md", "docker run")).endsWith(start + check));
    await docker.succeed(start, folder());
    await awaitReady(follow.trim());
    await greets();
    // There is no Microsoft here.
    const { output } = await docker.run(check);
    assert.match(output, /465 \(SMTP_TLS_PORT\) is served by the running program/);

    await docker.succeed("docker stop smtp-oauth2-proxy && docker rm smtp-oauth2-proxy");
    await docker.succeed(start, folder());
    await awaitReady(follow.trim());
    await docker.succeed("docker rm --force smtp-oauth2-proxy");
    await docker.succeed("docker volume rm smtp-oauth2-proxy");
  },
});

Deno.test({
  name: "the compose files start the program",
  ignore: isSkipped,
  async fn() {
    const short = join(clone, "docs/install");
    const settings = await blockOf("docs/install/vps.md", "cat > settings.env");
    await docker.succeed(settings.replaceAll(folder(), short));
    await composeStarts(short, "docker-compose.yml", "docker compose up -d");

    const long = join(clone, "docs/operations");
    const { key, cert } = await authority.issue({ names: ["mail.example.com"] });
    await Deno.mkdir(join(long, "certs"));
    for (const [name, text] of [["privkey.pem", key], ["fullchain.pem", cert]] as const) {
      await Deno.writeTextFile(join(long, "certs", name), text);
    }
    await docker.succeed("chown 1993 certs/*.pem", long);
    const [, copy = "", up = ""] = (await blockOf("docs/operations.md", "docker compose"))
      .split("\n");
    await docker.succeed(copy, clone);
    await docker.succeed(`cp ${join(short, "settings.env")} .env && sed -i /ACME/d .env`, long);
    await composeStarts(clone, "docs/operations/docker-compose.yml", up);
  },
});

/** Starts the services of a file, and removes them. */
async function composeStarts(cwd: string, file: string, up: string): Promise<void> {
  const path = join(cwd, file);
  // As its comment says: it has been built already.
  const text = (await Deno.readTextFile(path)).replace("build: ../..", "image: smtp-oauth2-proxy");
  await Deno.writeTextFile(path, here(text));
  const compose = `docker compose --file ${file}`;
  await docker.succeed(up, cwd);
  // `podman-compose logs` leaves a process behind when it is ended.
  await awaitReady('docker logs --follow "$(docker ps --quiet --latest)"', cwd);
  await greets();
  await docker.succeed(`${compose} down --volumes`, cwd);
}

Deno.test({
  name: "docs/moving.md: with Docker, an old volume is looked at, imported, and given to its user",
  ignore: isSkipped,
  async fn() {
    const old = join(docker.directory, "old");
    const account = { address: NORA, password: "hunter2", cache: "" };
    using _running = await makeOldProxy(old, {
      APP_SECRETS: "application-id:secret",
      SESSION_SECRET: "at-least-32-random-characters-xx",
      SMTP_PUBLIC_HOST: "mail.example.com",
      SMTP_PORT: "25",
    }, [account]);
    const [look = "", apply = ""] = (await blockOf("docs/moving.md", "account import /old"))
      .replaceAll("old-volume", join(old, "data")).trim().split("\n");
    assert.match(await docker.succeed(look, old), new RegExp(`${NORA} +to import`));
    assert.match(await docker.succeed(apply, old), new RegExp(`${NORA} +imported`));
    await docker.succeed(await blockOf("docs/moving.md", "--entrypoint chown"), old);
    assert.match(await docker.succeed(look, old), new RegExp(`${NORA} +known`));
  },
});
