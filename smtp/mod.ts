/**
 * The SMTP server and the relay behind it: everything that the rest of the program may use.
 *
 * @module
 */
export type {
  Account,
  AddressBook,
  AddressLogin,
  Allowance,
  Application,
  Authenticator,
  ClientInfo,
  Login,
  MailboxCounts,
  MailboxSlots,
  SlotUsage,
  SlotUser,
  Submission,
  SubmissionTarget,
  TokenSource,
  UpstreamCounts,
} from "./backend.ts";
export { type Clock, pause, type Timer, withinMs } from "./clock.ts";
export {
  type Delivery,
  DELIVERY_OUTCOMES,
  type DeliveryOutcome,
  type DeliveryStage,
  type Observer,
  type SmtpEvent,
} from "./events.ts";
export {
  type AddressMatcher,
  addressMatcher,
  canonicalAddress,
  type CertificatePair,
  clientNetworks,
  type Dialer,
  formatAddress,
  isWithin,
  PORT_KINDS,
  type PortKind,
  PortProbe,
  TcpDialer,
} from "./net/mod.ts";
export {
  type Credentials,
  isInternationalized,
  joinReplyLines,
  LoginError,
  type LoginFailure,
  lowerCaseAscii,
  parseReplyLine,
  type PasswordRule,
  Reply,
  type ReplyLine,
  ReplySyntaxError,
  RuleRefusal,
  sanitise,
  SlowSignIn,
  SmtpError,
  UpstreamError,
  UpstreamRefusal,
  UpstreamReply,
} from "./protocol/mod.ts";
export {
  DEFAULT_SERVER_LIMITS,
  type ServerLimits,
  startTcpService,
  type TcpServiceSettings,
} from "./server/mod.ts";
export { DEFAULT_SESSION_LIMITS, type SessionLimits } from "./session/mod.ts";
export { DEFAULT_POOL_LIMITS, type PoolLimits, Relay, UpstreamConnection } from "./upstream/mod.ts";
