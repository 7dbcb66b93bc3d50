/**
 * The header of a message: who it says to be from, held to the rules of an app password and completed where it lacks what a
 * message needs, while the message streams through. No input or output, no SMTP.
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
