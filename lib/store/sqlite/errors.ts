/**
 * Converts errors of SQLite and of the file system to {@linkcode StoreError}s with a remedy.
 *
 * @module
 */
import { StoreError, type StoreErrorKind } from "../store.ts";

interface Explanation {
  readonly kind: StoreErrorKind;
  /** Matches the message. `node:sqlite` reports no result code for most failures. */
  readonly pattern: RegExp;
  readonly remedy: string;
}

const EXPLANATIONS: readonly Explanation[] = [
  {
    kind: "conflict",
    pattern: /^UNIQUE constraint failed/,
    remedy: "This value belongs to another row already.",
  },
  {
    kind: "gone",
    pattern: /^FOREIGN KEY constraint failed/,
    remedy: "The account was deleted in the meantime.",
  },
  {
    kind: "locked",
    pattern: /\b(database|table) .*\blocked\b/,
    remedy: "Another program keeps writing to it. Close that program.",
  },
  {
    kind: "full",
    pattern: /\b(disk is full|No space left|quota exceeded)/i,
    remedy: "Make room on its disk.",
  },
  {
    kind: "read-only",
    pattern: /\b(readonly|read-only|permission denied|not permitted|Requires (read|write) access)/i,
    remedy:
      "Give the program's user the right to read and write the file and its directory, and Deno the permission for it.",
  },
  {
    kind: "corrupt",
    pattern: /\b(malformed|not a database|file is encrypted)/,
    remedy: "The file is damaged and was left as it is. Restore a backup, or move the file away.",
  },
  {
    kind: "other",
    pattern: /^File exists/,
    remedy: "Nothing is overwritten: choose another name.",
  },
];

const NO_REMEDY = "See the cause.";

/** Converts an error. A {@linkcode StoreError} is returned unchanged. */
export function toStoreError(path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const known = EXPLANATIONS.find(({ pattern }) => pattern.test(message));
  const { kind, remedy } = known ?? { kind: "other", remedy: NO_REMEDY } as const;
  return new StoreError(kind, `Database ${path}: ${message}. ${remedy}`, { cause: error });
}
