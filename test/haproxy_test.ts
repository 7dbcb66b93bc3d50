/**
 * Behind HAProxy, as an operator may run it: clients keep their own addresses.
 */
import assert from "node:assert/strict";
import type { ProductPorts } from "../tools/simulate/product_environment.ts";
import { SmtpClient, type SmtpLogin } from "../tools/smtp_client.ts";
import { ReservedPorts } from "./ports.ts";
import { requireProgram, run } from "./programs.ts";
import { NORA, Testbed } from "./testbed.ts";

const RECIPIENT = "somebody@example.com";

/** HAProxy is reached by IPv6, and reaches the program by IPv4: so the addresses tell who is who. */
const CLIENT_ADDRESS = "::1";
const PROXY_ADDRESS = "127.0.0.1";

/** One way through HAProxy: the port there and the port here that it leads to have the same name, unless `to` says another. */
interface Way {
  readonly name: string;
  readonly port: keyof ProductPorts;
  readonly to?: keyof ProductPorts;
  /** How the client connects: TLS from the first octet, or STARTTLS. */
  readonly scheme: "smtps" | "smtp";
  /** Whether HAProxy terminates TLS. */
  readonly terminates: boolean;
  readonly header: string;
}

const WAYS: readonly Way[] = [
  {
    name: "TLS ends at HAProxy, which leads to the plain port",
    port: "smtp",
    scheme: "smtps",
    terminates: true,
    header: "send-proxy-v2-ssl proxy-v2-options crc32c,unique-id",
  },
  {
    name: "TLS ends at HAProxy, which leads to the STARTTLS port",
    port: "http",
    to: "startTls",
    scheme: "smtps",
    terminates: true,
    header: "send-proxy-v2-ssl",
  },
  {
    name: "TLS goes through to the TLS port",
    port: "tls",
    scheme: "smtps",
    terminates: false,
    header: "send-proxy-v2 proxy-v2-options crc32c",
  },
  {
    name: "STARTTLS goes through to the STARTTLS port",
    port: "startTls",
    scheme: "smtp",
    terminates: false,
    header: "send-proxy",
  },
  {
    name: "TLS goes through to the auto port",
    port: "autoTls",
    scheme: "smtps",
    terminates: false,
    header: "send-proxy-v2",
  },
];

/** HAProxy as a child process. */
class HaProxy implements AsyncDisposable {
  readonly ports = ReservedPorts.reserve();
  readonly #directory: string;
  readonly #child: Deno.ChildProcess;

  private constructor(directory: string, write: (ports: ProductPorts) => string) {
    this.#directory = directory;
    const file = `${directory}/haproxy.cfg`;
    Deno.writeTextFileSync(file, write(this.ports));
    this.#child = new Deno.Command("haproxy", {
      args: ["-db", "-f", file],
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
  }

  static async start(bed: Testbed): Promise<HaProxy> {
    const directory = await Deno.makeTempDir({ prefix: "haproxy_" });
    const { key, cert } = await bed.simulation.certificateAuthority.issue({
      names: [CLIENT_ADDRESS],
    });
    await Deno.writeTextFile(`${directory}/tls.pem`, cert + key);
    const haProxy = new HaProxy(
      directory,
      (ports) => configuration(ports, bed.ports, `${directory}/tls.pem`),
    );
    await haProxy.#ready();
    return haProxy;
  }

  async #ready(): Promise<void> {
    for (;;) {
      try {
        return (await Deno.connect({ hostname: CLIENT_ADDRESS, port: this.ports.smtp })).close();
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    this.ports[Symbol.dispose]();
    await Deno.remove(this.#directory, { recursive: true });
  }
}

function configuration(from: ProductPorts, to: ProductPorts, certificateFile: string): string {
  const sections = WAYS.map(({ port, to: target = port, terminates, header }) => `
listen ${port}
  bind [${CLIENT_ADDRESS}]:${from[port]} ${terminates ? `ssl crt ${certificateFile}` : ""}
  server program ${PROXY_ADDRESS}:${to[target]} ${header}
`);
  return `
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
${sections.join("")}`;
}

/** Sends a message with curl. */
async function send(
  { scheme, name }: Way,
  port: number,
  bed: Testbed,
  login: SmtpLogin,
): Promise<void> {
  const { code, output } = await run("curl", [
    ...["--silent", "--show-error", "--ssl-reqd", "--cacert", bed.caFile],
    ...["--url", `${scheme}://[${CLIENT_ADDRESS}]:${port}`],
    ...["--user", `${login.username}:${login.password}`],
    ...["--mail-from", NORA, "--mail-rcpt", RECIPIENT, "--upload-file", "-"],
  ], { stdin: `Subject: ${name}\r\n\r\nText\r\n` });
  assert.equal(code, 0, `${name}: ${output}`);
}

const needsPrograms = {
  ignore: requireProgram("haproxy", "-v").ignore || requireProgram("curl").ignore,
};

Deno.test({
  name:
    "S21: behind HAProxy, clients show with their own addresses, whether TLS ends there or here",
  ...needsPrograms,
  async fn() {
    await using bed = await Testbed.serving({
      SMTP_PROXY_PROTOCOL: "required",
      TRUST_PROXY: PROXY_ADDRESS,
      LOG_FORMAT: "json",
    });
    const login = await bed.signIn();
    await using haProxy = await HaProxy.start(bed);
    for (const way of WAYS) await send(way, haProxy.ports[way.port], bed, login);
    assert.equal(bed.simulation.submissionServer.store.received, WAYS.length);
    // Whoever does not come through HAProxy is not let in.
    await assert.rejects(SmtpClient.connect({ port: bed.ports.smtp, host: CLIENT_ADDRESS }));
    await bed.server.stop();
    const clients = bed.server.log.matchAll(/"message":"login".*?"client":"([^"]*)"/g);
    assert.deepEqual([...clients].map(([, address]) => address), WAYS.map(() => CLIENT_ADDRESS));
  },
});
