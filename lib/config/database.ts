/**
 * Addresses of PostgreSQL databases.
 *
 * @module
 */
import { isLoopbackHost, Secret } from "../base/mod.ts";
import { isHost, withoutBrackets } from "./network.ts";
import type { SettingsReader } from "./reader.ts";

/** The address of a PostgreSQL database, with a user and a password. */
export interface DatabaseAddress {
  /** Host name or IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret;
  /** Name of the database. */
  readonly name: string;
  /** Whether the connection is encrypted and the server's certificate verified. False only on this machine. */
  readonly tls: boolean;
}

/** A PostgreSQL database instead of a SQLite file. */
export interface DatabaseConfig extends DatabaseAddress {
  /** The address for notifications, which a connection pooler does not pass on. Absent: the same address. */
  readonly listen?: DatabaseAddress;
  /** Certificate authorities in PEM. Absent: those of the system. */
  readonly ca?: string;
}

/** The fault of an address, and its remedy. Neither contains any part of the address. */
interface AddressFault {
  readonly fault: string;
  readonly remedy: string;
}

const DEFAULT_PORT = 5432;
const FORM = "It looks like postgres://user:password@db.example.com:5432/name";
const ESCAPES =
  "Write special characters of the user and the password as codes: # is %23, % is %25, / is %2F, ? is %3F, @ is %40.";
const VERIFY = "verify-full";

/** Whether a text is meant as the address of a PostgreSQL database. */
export function isDatabaseUrl(text: string): boolean {
  return /^postgres(ql)?:/i.test(text);
}

/** Parses the address of a PostgreSQL database. */
export function parseDatabaseUrl(text: string): DatabaseAddress | AddressFault {
  if (!isDatabaseUrl(text)) {
    return { fault: "the value does not begin with postgres://.", remedy: FORM };
  }
  const url = URL.parse(text);
  if (!url) return { fault: "the value is not an address.", remedy: `${FORM}. ${ESCAPES}` };
  if (/^%2f/i.test(url.hostname) || url.searchParams.get("host")?.startsWith("/")) {
    return {
      fault: "the value names a socket, which cannot be used.",
      remedy: "Name a host: localhost is this machine.",
    };
  }
  const host = withoutBrackets(url.hostname);
  const [user, password, name] = [url.username, url.password, url.pathname.slice(1)].map(decoded);
  if (!isHost(host)) return { fault: "the value names no host.", remedy: FORM };
  if (!user) return { fault: "the value names no user.", remedy: `${FORM}. ${ESCAPES}` };
  if (!name || name.includes("/")) return { fault: "the value names no database.", remedy: FORM };
  if (password === undefined) {
    return { fault: "the password contains a bad %.", remedy: "Write % in a password as %25." };
  }
  const tls = encryption(url);
  if (typeof tls !== "boolean") return tls;
  const port = Number(url.port) || DEFAULT_PORT;
  return { host, port, user, password: new Secret(password), name, tls };
}

/** Returns whether connections are encrypted and verified, as they have to be if they leave this machine. */
function encryption(url: URL): boolean | AddressFault {
  const { sslmode, ...others } = Object.fromEntries(url.searchParams);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined || url.hash) {
    return {
      fault: "the value has parameters that are not allowed.",
      remedy: `Only sslmode=${VERIFY} is allowed after the name of the database.`,
    };
  }
  const isLocal = isLoopbackHost(url.hostname);
  if (sslmode === VERIFY || sslmode === undefined) return sslmode === VERIFY || !isLocal;
  if (isLocal && sslmode === "disable") return false;
  return {
    fault: "the value asks for a connection whose server is not verified.",
    remedy:
      `Use sslmode=${VERIFY}, which is the default, and name the authority in DATABASE_CA_FILE.`,
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Parses the settings of the database; `undefined`: it is a SQLite file. */
export function parseDatabase(reader: SettingsReader): DatabaseConfig | undefined {
  const address = parseAddress(reader, "DATABASE_URL");
  const listen = parseAddress(reader, "DATABASE_LISTEN_URL");
  const ca = reader.text("DATABASE_CA_FILE") && reader.file("DATABASE_CA_FILE");
  if (address) return { ...address, listen, ca };
  for (const name of ["DATABASE_LISTEN_URL", "DATABASE_CA_FILE"] as const) {
    if (!reader.text(name) || reader.text("DATABASE_URL")) continue;
    reader.problem(name, "has no effect without DATABASE_URL.", "Set DATABASE_URL, or remove it.");
  }
  return undefined;
}

function parseAddress(
  reader: SettingsReader,
  variable: "DATABASE_URL" | "DATABASE_LISTEN_URL",
): DatabaseAddress | undefined {
  const text = reader.text(variable);
  if (text === undefined) return undefined;
  const address = parseDatabaseUrl(text);
  if (!("fault" in address)) return address;
  reader.problem(variable, address.fault, address.remedy);
  return undefined;
}
