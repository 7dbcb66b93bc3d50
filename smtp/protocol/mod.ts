/**
 * SMTP as octets and values, without I/O: commands, paths, replies, SASL, line ends, and failures as replies.
 *
 * @module
 */
export { lowerCaseAscii, matchesPattern } from "./address_pattern.ts";
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
  asSmtpError,
  LoginError,
  type LoginFailure,
  loginReply,
  type PasswordRule,
  RuleRefusal,
  SHUTTING_DOWN,
  SlowSignIn,
  SmtpError,
  UpstreamError,
  type UpstreamFault,
  UpstreamRefusal,
  type UpstreamStage,
} from "./failure.ts";
export { LineScanner } from "./line_scanner.ts";
export { concat, latin1, octetsOf, UTF8_LIMIT_OCTETS } from "./octets.ts";
export { isInternationalized } from "./path.ts";
export {
  joinReplyLines,
  parseReplyLine,
  Reply,
  REPLY_LINES_LIMIT,
  type ReplyLine,
  ReplySyntaxError,
  sanitise,
  UpstreamReply,
} from "./reply.ts";
export {
  checkCredentials,
  type Credentials,
  invalid,
  MECHANISMS,
  SASL_LINE_LIMIT_OCTETS,
  type SaslExchange,
  type SaslStep,
  startSasl,
  xoauth2Response,
} from "./sasl.ts";
