/**
 * The client-facing side: one connection from its greeting to its end.
 *
 * @module
 */
export {
  type AllSessionLimits,
  DEFAULT_SESSION_LIMITS,
  FIXED_SESSION_LIMITS,
  type SessionLimits,
} from "./limits.ts";
export { Session, type SessionOptions } from "./session.ts";
