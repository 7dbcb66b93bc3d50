/**
 * Pebble, the test server of Let's Encrypt, with a DNS server that answers as a test wants.
 *
 * @module
 */
import { fail } from "node:assert/strict";
import { join } from "node:path";
import type { CertificateAuthority } from "../tools/simulate/certificates.ts";
import { ReservedPorts } from "./ports.ts";
import { requireProgram } from "./programs.ts";

/** Options of a test that needs Pebble. */
export const REQUIRES_PEBBLE = {
  ignore: requireProgram("pebble", "-h").ignore ||
    requireProgram("pebble-challtestsrv", "-h").ignore,
};

/** How Pebble behaves. */
interface PebbleOptions {
  /** Issues the certificate of its API. */
  readonly authority: CertificateAuthority;
  /** For its files. */
  readonly directory: string;
  /** The port that it asks for challenges, in the place of 80. */
  readonly challengePort: number;
  /** Percentage of good nonces that it rejects. */
  readonly rejectedNonces?: number;
  /** HMAC keys by their identifiers: accounts have to be bound to one. */
  readonly bindings?: Readonly<Record<string, string>>;
}

/** A running Pebble and its DNS server. */
export class Pebble implements AsyncDisposable {
  readonly #children: readonly Deno.ChildProcess[];
  readonly #ports: ReservedPorts;

  private constructor(children: readonly Deno.ChildProcess[], ports: ReservedPorts) {
    this.#children = children;
    this.#ports = ports;
  }

  /** Starts both, and waits until they answer. */
  static async start(options: PebbleOptions): Promise<Pebble> {
    const ports = ReservedPorts.reserve();
    const config = await writeConfig(options, ports);
    const dns = `127.0.0.1:${ports.smtp}`;
    const children = [
      spawn("pebble-challtestsrv", [
        ...["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dns01", dns],
        ...["-http01", "", "-https01", "", "-tlsalpn01", ""],
        ...["-management", `127.0.0.1:${ports.tls}`],
      ]),
      spawn("pebble", ["-config", config, "-dnsserver", dns], {
        PEBBLE_VA_NOSLEEP: "1",
        PEBBLE_AUTHZREUSE: "0",
        PEBBLE_WFE_NONCEREJECT: `${options.rejectedNonces ?? 0}`,
      }),
    ];
    const pebble = new Pebble(children, ports);
    await Promise.all([ports.http, ports.startTls, ports.tls].map((port) => answers(port)));
    return pebble;
  }

  get directoryUrl(): string {
    return `https://localhost:${this.#ports.http}/dir`;
  }

  /** Returns the root of its certificates, in PEM. @param authority Of its API. */
  async root(authority: CertificateAuthority): Promise<string> {
    using client = Deno.createHttpClient({ caCerts: [authority.certificate] });
    const response = await fetch(`https://localhost:${this.#ports.startTls}/roots/0`, { client });
    return await response.text();
  }

  /** Lets a name have another address in DNS. */
  async pointTo(host: string, address: string): Promise<void> {
    const body = JSON.stringify({ host: `${host}.`, addresses: [address] });
    const url = `http://127.0.0.1:${this.#ports.tls}/add-a`;
    await (await fetch(url, { method: "POST", body })).body?.cancel();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await Promise.all(this.#children.map(({ status }) => status));
    this.#ports[Symbol.dispose]();
  }
}

async function writeConfig(
  { authority, directory, challengePort, bindings }: PebbleOptions,
  ports: ReservedPorts,
): Promise<string> {
  const { key, cert } = await authority.issue({ names: ["localhost", "127.0.0.1"] });
  const [keyFile, certFile] = [join(directory, "pebble_key.pem"), join(directory, "pebble.pem")];
  await Deno.writeTextFile(keyFile, key);
  await Deno.writeTextFile(certFile, cert);
  const pebble = {
    listenAddress: `127.0.0.1:${ports.http}`,
    managementListenAddress: `127.0.0.1:${ports.startTls}`,
    certificate: certFile,
    privateKey: keyFile,
    httpPort: challengePort,
    tlsPort: ports.unused,
    ocspResponderURL: "",
    externalAccountBindingRequired: bindings !== undefined,
    externalAccountMACKeys: bindings ?? {},
  };
  const path = join(directory, "pebble.json");
  await Deno.writeTextFile(path, JSON.stringify({ pebble }));
  return path;
}

function spawn(program: string, args: string[], env: Record<string, string> = {}) {
  const options = { args, env, stdin: "null", stdout: "null", stderr: "null" } as const;
  return new Deno.Command(program, options).spawn();
}

const ATTEMPTS = 200;

/** Waits until a port accepts connections. */
async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  fail(`Nobody answers on port ${port}.`);
}
