/**
 * The settings with which the product runs against a simulation, on this machine alone.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { LOOPBACK_NAMES } from "../../lib/base/mod.ts";
import type { Simulation } from "./simulation.ts";

/** Where the product listens. */
export interface ProductPorts {
  readonly http: number;
  readonly smtp: number;
  readonly tls: number;
  readonly startTls: number;
  readonly autoTls: number;
}

const SESSION_SECRET_OCTETS = 32;

/**
 * Writes the certificates that the product needs and gives all its settings. `DENO_CERT` among them is the runtime's: it
 * has to be in the environment of the process.
 *
 * @param directory Where the files go; the database will be there, too.
 */
export async function productEnvironment(
  simulation: Simulation,
  directory: string,
  ports: ProductPorts,
): Promise<Record<string, string>> {
  const { certificateAuthority } = simulation;
  const { key, cert } = await certificateAuthority.issue({ names: LOOPBACK_NAMES });
  const caFile = await write(directory, "ca.pem", certificateAuthority.certificate);
  return {
    ...simulation.environment(caFile),
    SESSION_SECRET: randomBytes(SESSION_SECRET_OCTETS).toString("base64url"),
    SQLITE_PATH: resolve(directory, "db.sqlite"),
    PUBLIC_URL: `http://localhost:${ports.http}`,
    HTTP_PORT: `${ports.http}`,
    SMTP_HOST: "localhost",
    SMTP_PUBLIC_HOST: "localhost",
    SMTP_PORT: `${ports.smtp}`,
    SMTP_TLS_PORT: `${ports.tls}`,
    SMTP_STARTTLS_PORT: `${ports.startTls}`,
    SMTP_AUTOTLS_PORT: `${ports.autoTls}`,
    SMTP_KEY_FILE: await write(directory, "smtp_key.pem", key),
    SMTP_CERT_FILE: await write(directory, "smtp_cert.pem", cert),
  };
}

async function write(directory: string, name: string, text: string): Promise<string> {
  const path = resolve(directory, name);
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  return path;
}
