/**
 * SMTP as octets and values, without I/O: commands, paths, replies, SASL, line ends, and failures as replies.
 *
 * @module
 */
export {
  type Command,
  COMMAND_LINE_LIMIT_OCTETS,
  type Extensions,
  formatMail,
  formatRcpt,
  type Mail,
  parseCommand,
  type Recipient,
  type Verb,
} from "./command.ts";
export {
  ConnectionLostError,
  LoginError,
  type LoginFailure,
  SmtpError,
  UnknownOutcomeError,
  UpstreamError,
  type UpstreamFault,
} from "./failure.ts";
export { LineScanner } from "./line_scanner.ts";
export { concat } from "./octets.ts";
export { isInternationalized } from "./path.ts";
export {
  joinReplyLines,
  parseReplyLine,
  Reply,
  REPLY_LINES_LIMIT,
  type ReplyLine,
  ReplySyntaxError,
  sanitise,
} from "./reply.ts";
export {
  type Credentials,
  INVALID_CREDENTIALS,
  MECHANISMS,
  SASL_LINE_LIMIT_OCTETS,
  type SaslExchange,
  type SaslStep,
  startSasl,
  xoauth2Response,
} from "./sasl.ts";
