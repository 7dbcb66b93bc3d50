/**
 * Docker's commands, run by Podman, with an image for `denoland/deno` that is made of this machine's own files: no registry of
 * images is asked.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { run } from "../programs.ts";

const BASE_IMAGE = `docker.io/denoland/deno:${Deno.version.deno}`;
/** The programs that the Dockerfile and the program's shell script use. */
const PROGRAMS = ["sh", "cat", "chown", "dirname", "env", "grep", "install", "ln", "readlink"]
  .map((name) => `/usr/bin/${name}`);
const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";
/** The user of the real image. */
const USERS = "root:x:0:0:root:/root:/bin/sh\ndeno:x:1993:1993::/home/deno:/bin/sh\n";
const GROUPS = "root:x:0:\ndeno:x:1993:\n";
/** Docker's default, and limits that even a root with few capabilities may set. */
const SETTINGS = `[containers]
default_sysctls = ["net.ipv4.ip_unprivileged_port_start=0"]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
`;

/**
 * Returns the options of a test that needs containers: it is skipped where Podman is missing, or nobody may use it; on a CI
 * machine that is an error.
 */
export async function requireDocker(): Promise<{ ignore: boolean }> {
  const problem = await dockerProblem();
  if (problem && Deno.env.get("CI")) {
    throw new Error(`Containers are needed by the tests: ${problem}.`);
  }
  if (problem) console.warn(`Skipped, since ${problem}.`);
  return { ignore: problem !== undefined };
}

async function dockerProblem(): Promise<string | undefined> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return "containers take root on Linux";
  for (const program of ["podman", "podman-compose", "runc", "iptables"]) {
    const isThere = await run(program, ["--version"]).then(({ code }) => code === 0, () => false);
    if (!isThere) return `${program} --version does not run`;
  }
  const mount = await run("unshare", ["--mount", "true"]);
  return mount.code === 0 ? undefined : "this machine does not permit containers";
}

/** Images, containers and volumes of a test, apart from those of the machine. */
export class Docker implements AsyncDisposable {
  private constructor(readonly directory: string) {}

  /** Prepares the folder, and the image that the Dockerfile is based on. */
  static async prepare(): Promise<Docker> {
    const docker = new Docker(await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_docker_" }));
    await docker.#writePrograms();
    await docker.#importBase();
    return docker;
  }

  /** The environment in which `docker` is Podman. */
  get environment(): Record<string, string> {
    const { directory } = this;
    return {
      PATH: `${join(directory, "bin")}:${Deno.env.get("PATH")}`,
      CONTAINERS_CONF: join(directory, "containers.conf"),
      // As Docker's own format, which knows health checks, and without a cache of layers.
      BUILDAH_FORMAT: "docker",
      BUILDAH_LAYERS: "false",
    };
  }

  /** Returns a process that runs a command line in a folder. */
  command(line: string, cwd = this.directory): Deno.Command {
    return new Deno.Command("sh", {
      args: ["-ec", line],
      cwd,
      env: this.environment,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }

  /** Runs a command line to its end. @returns everything that it printed. */
  async run(line: string, cwd?: string): Promise<{ code: number; output: string }> {
    const { code, stdout, stderr } = await this.command(line, cwd).output();
    const decoder = new TextDecoder();
    return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
  }

  /** Runs a command line that has to succeed. @returns everything that it printed. */
  async succeed(line: string, cwd?: string): Promise<string> {
    const { code, output } = await this.run(line, cwd);
    assert.equal(code, 0, `${line}\n${output}`);
    return output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run("docker rm --all --force --time 0 && docker rmi --all --force");
    await this.run(`umount ${join(this.directory, "storage/overlay")}`);
    await Deno.remove(this.directory, { recursive: true });
  }

  async #writePrograms(): Promise<void> {
    const { directory } = this;
    await Deno.mkdir(join(directory, "bin"));
    await Deno.writeTextFile(join(directory, "containers.conf"), SETTINGS);
    const options = `--root ${directory}/storage --runroot ${directory}/run --runtime runc`;
    const scripts = {
      podman: `exec ${await pathOf("podman")} ${options} "$@"`,
      docker: `[ "$1" = compose ] && shift && exec podman-compose "$@"\nexec podman "$@"`,
    };
    for (const [name, script] of Object.entries(scripts)) {
      await Deno.writeTextFile(join(directory, "bin", name), `#!/bin/sh\n${script}\n`, {
        mode: 0o755,
      });
    }
  }

  async #importBase(): Promise<void> {
    const base = join(this.directory, "base");
    for (const folder of ["tmp", "etc", "proc", "sys", "dev", "run", "usr/local/bin", "usr/bin"]) {
      await Deno.mkdir(join(base, folder), { recursive: true });
    }
    await Deno.symlink("usr/bin", join(base, "bin"));
    await Deno.writeTextFile(join(base, "etc/passwd"), USERS);
    await Deno.writeTextFile(join(base, "etc/group"), GROUPS);
    const files = new Map([...PROGRAMS, AUTHORITIES].map((path) => [path, path]));
    files.set("/usr/local/bin/deno", Deno.execPath());
    for (const path of await librariesOf([...PROGRAMS, Deno.execPath()])) files.set(path, path);
    for (const [target, source] of files) {
      await Deno.mkdir(join(base, dirname(target)), { recursive: true });
      await Deno.copyFile(source, join(base, target));
    }
    const changes = ["PATH=/usr/local/bin:/usr/bin:/bin", `DENO_CERT=${AUTHORITIES}`]
      .map((variable) => `--change 'ENV ${variable}'`).join(" ");
    await this.succeed(`tar -C base -c . | docker import --quiet ${changes} - ${BASE_IMAGE}`);
    await Deno.remove(base, { recursive: true });
  }
}

async function pathOf(program: string): Promise<string> {
  return (await run("sh", ["-c", `command -v ${program}`])).output.trim();
}

/** Returns the libraries that programs are linked to, the loader among them. */
async function librariesOf(programs: readonly string[]): Promise<ReadonlySet<string>> {
  const { output } = await run("ldd", programs);
  return new Set([...output.matchAll(/(?:=> |^\s+)(\/\S+) \(/gm)].map(([, path = ""]) => path));
}
