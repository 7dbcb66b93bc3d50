/**
 * The settings of the program that is measured: its defaults, except for what this machine has to stand for.
 *
 * @module
 */
import { CLIENT_ID } from "./accounts.ts";

/** Known to all: it protects nothing here. */
export const SESSION_SECRET = "the secret of the benchmark that protects nothing";

/** Settings that differ from start to start. */
export interface ProxySettings {
  readonly ports: { readonly plain: number; readonly tls: number; readonly http: number };
  /** Where the submission server offers STARTTLS. */
  readonly targetPort: number;
  readonly databasePath: string;
  /** Present: the database is in PostgreSQL. */
  readonly databaseUrl?: string;
  readonly keyFile: string;
  readonly certFile: string;
  /** More settings, by their names. */
  readonly others?: Readonly<Record<string, string>>;
}

/** The lines of an env file. */
export function proxySettings(
  { ports, targetPort, databasePath, databaseUrl, keyFile, certFile, others }: ProxySettings,
): string {
  const settings = {
    APP_SECRETS: `${CLIENT_ID}:secret`,
    SESSION_SECRET,
    SQLITE_PATH: databasePath,
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    SMTP_TARGET_HOST: "127.0.0.1",
    SMTP_TARGET_PORT: targetPort,
    SMTP_HOST: "127.0.0.1",
    SMTP_PUBLIC_HOST: "localhost",
    SMTP_PORT: ports.plain,
    SMTP_TLS_PORT: ports.tls,
    SMTP_KEY_FILE: keyFile,
    SMTP_CERT_FILE: certFile,
    HTTP_HOST: "127.0.0.1",
    HTTP_PORT: ports.http,
    // All clients have one address here.
    SMTP_MAX_CONNECTIONS: 20_000,
    SMTP_MAX_CONNECTIONS_PER_ADDRESS: 20_000,
    ...others,
  };
  return Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join("");
}
