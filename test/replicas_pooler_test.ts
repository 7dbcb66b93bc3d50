/** Replicas behind HAProxy, with PgBouncer before the database. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { SmtpClient } from "../tools/smtp_client.ts";
import { ReservedPorts } from "./ports.ts";
import { type Cluster, needsPostgres, sharedCluster } from "./postgres.ts";
import { requireProgram } from "./programs.ts";
import { ReplicasLoad } from "./replicas_load.ts";
import { eventually, type Replica, ReplicasTestbed } from "./replicas_testbed.ts";
import { NORA } from "./testbed.ts";

const cluster = await sharedCluster();
const HOST = "127.0.0.1";
const MESSAGE = Buffer.from("Subject: x\r\n\r\nText\r\n");

/** A program of others as a child process with a file of settings. */
class Helper implements AsyncDisposable {
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

/** PgBouncer in transaction mode. It refuses to run as root. */
function startPooler({ port }: Cluster): Promise<Helper> {
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

const needsPooler = {
  ignore: needsPostgres.ignore || requireProgram("pgbouncer").ignore,
};

Deno.test({
  name: "R3: through PgBouncer one request renews a token, and a revocation shows on all replicas",
  ...needsPooler,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    await using pooler = await startPooler(cluster!);
    bed.bed.environment.DATABASE_URL = cluster!.url(bed.database, pooler.ports.smtp);
    const login = await bed.signIn();
    await bed.expireToken();
    const { identityProvider, submissionServer } = bed.bed.simulation;
    const before = identityProvider.tokenRequests;
    const replicas = await bed.serve(2);
    const logins = Array.from({ length: 60 }, (_, index) => replicas[index % 2]!.tryLogin(login));
    for (const reply of await Promise.all(logins)) assert.match(reply, /^235 /);
    assert.equal(identityProvider.tokenRequests - before, 1);
    const send = async (replica: Replica) => {
      using client = await replica.logIn(login);
      for (let count = 0; count < 5; count++) {
        await client.envelope(NORA, ["a@example.com"]);
        assert.match(await client.data(MESSAGE), /^250 /);
      }
    };
    await Promise.all([...replicas, ...replicas, ...replicas].map(send));
    assert.ok(submissionServer.mostSessions <= 3, `${submissionServer.mostSessions} at once`);

    const clients = await Promise.all(replicas.map((replica) => replica.logIn(login)));
    const [password] = await bed.bed.json("account", "password", "list", NORA);
    const startMs = performance.now();
    await bed.bed.json("account", "password", "revoke", NORA, password.id);
    for (const client of clients) assert.match(await client.reply(), /^421 /);
    assert.ok(performance.now() - startMs < 5_000);
  },
});

const needsBalancer = { ignore: needsPostgres.ignore || requireProgram("haproxy", "-v").ignore };

/** HAProxy before replicas that await a PROXY header. */
function startBalancer(replicas: readonly Replica[]): Promise<Helper> {
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

Deno.test({
  name:
    "R4: kill -9 of replicas behind HAProxy loses no acknowledged message, and the others go on",
  ...needsBalancer,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    const login = await bed.signIn();
    const settings = { SMTP_PROXY_PROTOCOL: "required", TRUST_PROXY: "loopback" };
    const replicas = await bed.serve(3, settings);
    await using balancer = await startBalancer(replicas);
    const load = new ReplicasLoad(() => balancer.ports.smtp, login);
    const running = load.run(6);
    for (const replica of replicas.slice(0, 2)) {
      const goal = load.acknowledged.size + 30;
      await eventually("messages flow", () => load.acknowledged.size >= goal);
      await replica.program.kill();
    }
    const goal = load.acknowledged.size + 60;
    await eventually("messages flow on", () => load.acknowledged.size >= goal);
    load.stop();
    await running;
    const { store, mostSessions } = bed.bed.simulation.submissionServer;
    assert.deepEqual(load.missing(store.messages), []);
    assert.ok(mostSessions <= 3, `${mostSessions} at once`);
  },
});

Deno.test({
  name: "R6: replicas on one machine share the SMTP ports",
  ignore: needsPostgres.ignore || Deno.build.os !== "linux",
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    const login = await bed.signIn();
    using ports = ReservedPorts.reserve();
    const shared = {
      SMTP_REUSE_PORT: "on",
      SMTP_PORT: `${ports.smtp}`,
      SMTP_STARTTLS_PORT: `${ports.startTls}`,
      SMTP_TLS_PORT: "",
      SMTP_AUTOTLS_PORT: "",
    };
    const replicas = await bed.serve(2, shared);
    const counts = () => replicas.map(({ program }) => program.log.match(/ login /g)?.length ?? 0);
    await eventually("both serve clients", async () => {
      for (const port of [ports.smtp, ports.startTls]) {
        using client = await SmtpClient.connect({ port, ca: bed.bed.ca });
        await (port === ports.startTls ? client.startTls() : client.hello());
        assert.match(await client.authenticate(login), /^235 /);
      }
      return counts().every((count) => count > 1);
    });
    // Another program on the port is still noticed.
    const taken = bed.bed.serveCommand({ ...shared, SMTP_REUSE_PORT: "off" });
    assert.equal((await taken.output()).code, 69);
  },
});
