/**
 * Converts errors of PostgreSQL and of the network to {@linkcode StoreError}s with a remedy.
 *
 * @module
 */
import { StoreError, type StoreErrorKind } from "../store.ts";

interface Explanation {
  readonly kind: StoreErrorKind;
  /** Matches a SQLSTATE (PostgreSQL's appendix A), or a code of the system. */
  readonly code: RegExp;
  readonly remedy: string;
}

const UNREACHABLE = "Check that the server runs, DATABASE_URL, the network and its firewall.";

/** If several match, the last one applies. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    // Faults of the server or its configuration. The data is never the cause.
    kind: "unavailable",
    code: /^(0A|25|3F|42|53|54|55|57|58|F0|XX)/,
    remedy: "See the log of the database server.",
  },
  { kind: "conflict", code: /^23505$/, remedy: "This value belongs to another row already." },
  { kind: "gone", code: /^23503$/, remedy: "The account was deleted in the meantime." },
  {
    kind: "other",
    code: /^28/,
    remedy: "Correct the user and the password in DATABASE_URL, or pg_hba.conf.",
  },
  { kind: "other", code: /^3D000$/, remedy: "Create the database, or correct DATABASE_URL." },
  {
    kind: "read-only",
    // A user without any right on a schema does not see it.
    code: /^(42501|3F000)$/,
    remedy: "Make the user of DATABASE_URL the owner of the database.",
  },
  {
    kind: "read-only",
    code: /^25006$/,
    remedy:
      "This server is a standby, or takes no writes: DATABASE_URL has to lead to the primary, without default_transaction_read_only.",
  },
  { kind: "full", code: /^53100$/, remedy: "Make room on the disk of the database server." },
  { kind: "locked", code: /^(40001|40P01|55P03)$/, remedy: "Another program is writing to it." },
  {
    kind: "locked",
    code: /^57014$/,
    remedy: "Raise statement_timeout for the user of DATABASE_URL, or remove it.",
  },
  {
    kind: "unavailable",
    code: /^53300$/,
    remedy: "Raise max_connections of the server, or the limit of the user of DATABASE_URL.",
  },
  { kind: "corrupt", code: /^XX00[12]$/, remedy: "Restore a backup of the database." },
  {
    kind: "unavailable",
    code: /^(08|57P0|E[A-Z]{3})/,
    remedy: UNREACHABLE,
  },
  {
    kind: "other",
    code: /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO|TLS/,
    remedy:
      "Name the authority that issued the server's certificate in DATABASE_CA_FILE, and its host in DATABASE_URL.",
  },
];

/** Errors of `pg` that carry no code. */
const UNAVAILABLE_TEXT =
  /timeout|terminated|not queryable|connection (error|was|ended)|closed|server_login|no more connections|pooler|reset/i;
const NO_TLS_TEXT = /does not support SSL/;
const CERTIFICATE_TEXT = /certificate|Hostname\/IP/i;

/** The parts of an error that show its kind. Nothing else is kept, since `detail` contains stored values. */
interface CodedError extends Error {
  readonly code?: string;
}

/** Converts an error. A {@linkcode StoreError} is returned unchanged. @param name Names the database. */
export function toStoreError(name: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { message, code = "" } = error instanceof Error
    ? error as CodedError
    : { message: String(error), code: "" };
  const { kind, remedy } = explain(message, code);
  const shown = message.trim().replace(/\.$/, "") || code;
  return new StoreError(kind, `Database ${name}: ${shown}. ${remedy}`);
}

function explain(message: string, code: string): Pick<Explanation, "kind" | "remedy"> {
  if (NO_TLS_TEXT.test(message)) {
    return { kind: "other", remedy: "Set ssl = on in postgresql.conf, with a certificate." };
  }
  const certificate = EXPLANATIONS.at(-1)!;
  if (CERTIFICATE_TEXT.test(message)) return certificate;
  const known = EXPLANATIONS.findLast(({ code: pattern }) => pattern.test(code));
  if (known) return known;
  if (UNAVAILABLE_TEXT.test(message)) return { kind: "unavailable", remedy: UNREACHABLE };
  return { kind: "other", remedy: code === "" ? "See the cause." : `SQLSTATE ${code}.` };
}

/** Whether a connection was lost, so that a statement may be sent again on another one. */
export function isLost(error: unknown): boolean {
  const { message, code = "" } = error as CodedError;
  return /^(57P0|08|ECONN|EPIPE)/.test(code) || /terminated|closed|not queryable/i.test(message);
}

/** Whether a statement or a transaction failed because others wrote at the same time. It can be repeated. */
export function isCollision(error: unknown): boolean {
  return /^(40001|40P01)$/.test((error as CodedError).code ?? "");
}

/** Whether the server has no connection left. */
export function isFull(error: unknown): boolean {
  return (error as CodedError).code === "53300";
}

/** Whether a prepared statement is out of date because another replica has migrated the schema. */
export function isOutdatedPlan(error: unknown): boolean {
  const { message = "", code = "" } = error as CodedError;
  return code === "0A000" && message.includes("cached plan");
}

/** Whether a pooler does not know a prepared statement, or another client uses its name (PgBouncer before 1.21). */
export function isPoolerFault(error: unknown): boolean {
  return /^(42P05|26000)$/.test((error as CodedError).code ?? "");
}

/** Whether a query was not answered in time. */
export function isTimeout(error: unknown): boolean {
  return /timeout|ETIMEDOUT/i.test((error as CodedError).message ?? "");
}
