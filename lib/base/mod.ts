/**
 * Small things that all rooms use: the clock, the text of an error, the version, secrets in memory, loopback addresses.
 *
 * @module
 */
export {
  type Clock,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  nextTurn,
  pause,
  SECOND_MS,
  steadyClock,
  systemClock,
  type Timer,
} from "./clock.ts";
export { errorText } from "./error_text.ts";
export { isLoopbackHost, LOOPBACK_ADDRESSES, LOOPBACK_NAMES } from "./loopback.ts";
export { Secret, SECRET_TEXT } from "./secret.ts";
export { PROGRAM, VERSION } from "./version.ts";
