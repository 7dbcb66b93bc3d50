/**
 * Checks of settings and services, and what they find, for the command line and the pages.
 *
 * @module
 */
export {
  type Check,
  type CheckResult,
  type CheckStatus,
  failure,
  type Finding,
  ok,
  runCheck,
  summary,
  warning,
} from "./checks.ts";
