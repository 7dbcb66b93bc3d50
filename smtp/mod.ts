/**
 * The SMTP server and the relay behind it: everything that the rest of the program may use.
 *
 * @module
 */
export { canonicalAddress, clientNetwork, formatAddress } from "./address.ts";
export { type AddressMatcher, addressMatcher } from "./address_matcher.ts";
export {
  type Account,
  type Authenticator,
  type ClientInfo,
  type Credentials,
  type Login,
  LoginError,
  type Submission,
  type SubmissionTarget,
  type TokenSource,
  type UpstreamCounts,
} from "./backend.ts";
export { createCensusMemory, type ServerLimits } from "./census.ts";
export { Deadlines } from "./deadlines.ts";
export type { Delivery, DeliveryOutcome, Observer, SmtpEvent } from "./events.ts";
export { MailboxGatekeeper } from "./gate.ts";
export type { SessionLimits } from "./limits.ts";
export type { PoolLimits } from "./pool.ts";
export { Relay } from "./relay.ts";
export { Reply } from "./reply.ts";
export type { ServicePorts } from "./service.ts";
export { tcpDialer } from "./tcp/native_transport.ts";
export { startTcpService, type TcpService, type TcpServiceSettings } from "./tcp/tcp_service.ts";
export type { Dialer } from "./transport.ts";
export { UpstreamConnection } from "./upstream.ts";
export { Crew } from "./workers/crew.ts";
