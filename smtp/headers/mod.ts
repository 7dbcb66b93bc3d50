/**
 * The header of a message: checks and rewrites its authors by the rules of an app password, and adds missing fields, while
 * the message streams through. No I/O, no SMTP.
 *
 * @module
 */
export { surelyHasAuthor } from "./author_scan.ts";
export type { HeaderChange } from "./draft.ts";
export type { HeaderRepair } from "./header.ts";
export {
  HEADER_LIMIT_OCTETS,
  type HeaderReport,
  HeaderRewriter,
  HeaderTooLargeError,
} from "./rewriter.ts";
export { type HeaderRules, SenderRefusedError, type SenderRule } from "./rules.ts";
