/**
 * Programs of others that stand around replicas: PgBouncer before the database, HAProxy before the replicas.
 *
 * @module
 */
import { join } from "node:path";
import { ReservedPorts } from "../ports.ts";
import { type Cluster, needsPostgres } from "../postgres.ts";
import { requireProgram } from "../programs.ts";
import { eventually, type Replica } from "./testbed.ts";

const HOST = "127.0.0.1";

/** The options of a test that needs PgBouncer. */
export const needsPooler = {
  ignore: needsPostgres.ignore || requireProgram("pgbouncer").ignore,
};
/** The options of a test that needs HAProxy. */
export const needsBalancer = {
  ignore: needsPostgres.ignore || requireProgram("haproxy", "-v").ignore,
};

/** A program of others as a child process with a file of settings. */
export class Helper implements AsyncDisposable {
  readonly ports = ReservedPorts.reserve();
  #child: Deno.ChildProcess | undefined;

  private constructor(readonly directory: string) {}

  static async start(
    command: readonly string[],
    write: (helper: Helper) => Readonly<Record<string, string>>,
  ): Promise<Helper> {
    const helper = new Helper(await Deno.makeTempDir({ prefix: "helper_" }));
    await Deno.chmod(helper.directory, 0o755);
    for (const [name, text] of Object.entries(write(helper))) {
      await Deno.writeTextFile(join(helper.directory, name), text);
    }
    const [program, ...args] = command as [string, ...string[]];
    helper.#child = new Deno.Command(program, {
      args: args.map((argument) => argument.replace("DIRECTORY", helper.directory)),
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await eventually(`${program} listens`, async () => {
      try {
        (await Deno.connect({ hostname: HOST, port: helper.ports.smtp })).close();
        return true;
      } catch (error) {
        if (error instanceof Deno.errors.ConnectionRefused) return false;
        throw error;
      }
    });
    return helper;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.kill("SIGTERM");
    await this.#child?.status;
    this.ports[Symbol.dispose]();
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** Starts PgBouncer in transaction mode. It refuses to run as root. */
export function startPooler({ port }: Cluster): Promise<Helper> {
  const asUser = Deno.uid() === 0 ? ["setpriv", "--reuid", "postgres", "--clear-groups"] : [];
  return Helper.start([...asUser, "pgbouncer", "DIRECTORY/pooler.ini"], ({ ports, directory }) => ({
    "users.txt": `"proxy" "secret-of-the-database"\n`,
    "pooler.ini": `
[databases]
* = host=${HOST} port=${port}
[pgbouncer]
listen_addr = ${HOST}
listen_port = ${ports.smtp}
unix_socket_dir =
auth_type = plain
auth_file = ${directory}/users.txt
pool_mode = transaction
default_pool_size = 12
`,
  }));
}

/** Starts HAProxy before replicas that await a PROXY header. */
export function startBalancer(replicas: readonly Replica[]): Promise<Helper> {
  return Helper.start(["haproxy", "-db", "-f", "DIRECTORY/haproxy.cfg"], ({ ports }) => ({
    "haproxy.cfg": `
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option redispatch
  retries 3
listen smtp
  bind ${HOST}:${ports.smtp}
  balance leastconn
  option httpchk GET /readyz
  default-server check inter 500ms fall 2 rise 1
${
      replicas.map(({ ports }, index) =>
        `  server r${index} ${HOST}:${ports.smtp} send-proxy-v2 port ${ports.http}\n`
      ).join("")
    }`,
  }));
}
