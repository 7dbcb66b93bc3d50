/**
 * Refusals of our own: their causes and remedies.
 *
 * @module
 */
import type { Explanation, Wording } from "./explanation.ts";
import { CHECK_TARGET, MAIL_PROGRAMS_RETRY } from "./remedies.ts";
import { toSmtpText } from "./text.ts";

const CHECK_NETWORK =
  "Mail programs try again by themselves. If it lasts, the operator checks this machine's network, DNS and firewall (port 587 outwards).";
const REPAIR_SENDER =
  "Update the device or the program that sends it, or let it end lines with CR LF.";

/**
 * By the reply that the client got, where that one says it all (our code with its enhanced status code, RFC 3463), and by the
 * kind of the fault where one reply stands for several. Names with one meaning are separated by commas.
 */
const FAULTS: Readonly<Record<string, Wording>> = {
  "421 4.3.2": {
    title: "The proxy is being restarted",
    cause: "The operator has stopped or restarted it.",
    fixer: "nobody",
    remedy: MAIL_PROGRAMS_RETRY,
  },
  "421 4.4.2": {
    title: "The device was silent for too long",
    cause: "The device sent nothing, so the proxy has ended the connection.",
    fixer: "nobody",
    remedy: MAIL_PROGRAMS_RETRY,
  },
  "421 4.7.0": {
    title: "The proxy has ended the connection",
    cause: "There were too many connections, commands or mistakes, or the login was revoked.",
    fixer: "user",
    remedy: "Let the device send less at once, and check its user name and app password.",
  },
  "450 4.3.0, 451 4.3.0, 454 4.3.0": {
    title: "The proxy has a fault of its own",
    cause: "Something unexpected happened in the proxy. Its log has the details.",
    fixer: "operator",
    remedy: "Mail programs try again by themselves. If it lasts, the operator looks at the log.",
  },
  "451 4.3.2": {
    title: "Too many messages at the same time",
    cause: "Microsoft accepts three messages of one mailbox at a time, and three were being sent.",
    fixer: "nobody",
    remedy: MAIL_PROGRAMS_RETRY,
  },
  "452 4.5.3": {
    title: "Too many recipients for one message",
    cause: "The message has more recipients than the proxy accepts at once.",
    fixer: "nobody",
    remedy: "Nothing to do: mail programs send the rest afterwards.",
  },
  "500 5.5.2": {
    title: "The device sent a command that cannot be read",
    cause: "The command has characters that SMTP does not allow there, or is too long.",
    fixer: "user",
    remedy: "Update the device, or enter addresses and names in it again, in plain letters.",
  },
  "550 5.5.2": {
    title: "The message has line ends that mail does not allow",
    cause: "A line ends with CR alone, without LF. Such a message could be cut in two on its way.",
    fixer: "user",
    remedy: REPAIR_SENDER,
  },
  "501 5.5.2": {
    title: "The device sent a login that cannot be read",
    cause: "Its user name or app password is empty, or not encoded as mail programs do.",
    fixer: "user",
    remedy: "Enter the user name and the app password in the device again.",
  },
  "504 5.5.4": {
    title: "The device wants to log in in a way that the proxy does not offer",
    cause: "The proxy accepts a user name and an app password, with PLAIN or LOGIN.",
    fixer: "user",
    remedy:
      "Set the device or program to a normal password: neither OAuth2 nor CRAM-MD5, DIGEST-MD5 or NTLM.",
  },
  "530 5.7.0": {
    title: "The device sent without a login",
    cause: "The device has to log in before it sends, with encryption if the port requires it.",
    fixer: "user",
    remedy: "Switch encryption and login (authentication) on in the device or program.",
  },
  "535 5.7.8": {
    title: "The user name or the app password is wrong",
    cause: "The app password was mistyped or revoked, or it belongs to another user name.",
    fixer: "user",
    remedy:
      "Enter the user name and an app password from your account page. If in doubt, create a new app password.",
  },
  "550 5.6.7": {
    title: "The submission server takes no international addresses",
    cause: "An address of the message is not ASCII, which the submission server does not support.",
    fixer: "user",
    remedy: "Use another address.",
  },
  "550 5.7.1": {
    title: "This app password may not use that sender",
    cause: "The app password is restricted to another sender on the account page.",
    fixer: "user",
    remedy:
      "Let the device use the sender that the app password allows, or create an app password without that restriction.",
  },
  "552 5.3.4": {
    title: "The message is too large for the proxy",
    cause: "The message is larger than the operator of the proxy allows (SMTP_MAX_MESSAGE_SIZE).",
    fixer: "user",
    remedy: "Send less at once, or share the file by a link.",
  },
  "553 5.6.7": {
    title: "The device does not announce international addresses",
    cause: "An address is not ASCII, and the device did not ask for SMTPUTF8.",
    fixer: "user",
    remedy: "Use an address with plain letters, or a program that supports SMTPUTF8.",
  },
  "554 5.6.0": {
    title: "The message has a NUL octet",
    cause: "Mail does not allow it: the message is damaged, or no message at all.",
    fixer: "user",
    remedy: "Repair the program that sends it.",
  },
  "throttled": {
    title: "Too many failed logins",
    cause:
      "Somebody at the same address used wrong app passwords, so the proxy accepts no login from there for some minutes.",
    fixer: "user",
    remedy: "Correct the app password of each device there, then wait some minutes.",
  },
  "crowded": {
    title: "Too many connections of this account",
    cause: "As many devices or programs are logged in with this account as the proxy allows.",
    fixer: "user",
    remedy:
      "Let programs close their connections, or send with fewer at once. The operator sets the limit: SMTP_MAX_CONNECTIONS_PER_ADDRESS.",
  },
  "stopped": {
    title: "The proxy was stopped",
    cause: "The operator has stopped or restarted the proxy while Microsoft had not answered yet.",
    fixer: "nobody",
    remedy: MAIL_PROGRAMS_RETRY,
  },
  "recipient-rule": {
    title: "This app password may not send to that recipient",
    cause: "The app password is limited to certain recipients.",
    fixer: "user",
    remedy: "Send to one of these recipients, or change the rules of the app password.",
  },
  "daily-limit": {
    title: "This app password has sent as many messages as it may in 24 hours",
    cause:
      "Each recipient of a message counts. Perhaps the device repeats a message, or somebody else uses its password.",
    fixer: "user",
    remedy:
      "Look through the activity for messages that the device should not have sent. If there are none, set a higher number in the rules of the app password.",
  },
  "not-allowed": {
    title: "This account may not use this proxy",
    cause: "The operator's account filters (ALLOWED_*, DISALLOWED_*) do not admit the account.",
    fixer: "operator",
    remedy:
      "Ask the operator of this proxy. The log names the entry to add and the setting; `check` shows the filters.",
  },
  "slow": {
    title: "Microsoft took too long to answer the sign-in",
    cause: "Microsoft had not answered before the device would have given up.",
    fixer: "nobody",
    remedy: MAIL_PROGRAMS_RETRY,
  },
  "sign-in-service": {
    title: "Microsoft's sign-in service is not available",
    cause: "The service did not answer, or not correctly.",
    fixer: "nobody",
    remedy:
      "Nothing to do: the proxy and mail programs try again by themselves. If it lasts, the operator checks this machine's network, DNS and firewall (port 443 outwards).",
  },
  "registration_missing": {
    title: "The account's app registration is not configured any more",
    cause: "APP_SECRETS has no entry for the app registration.",
    fixer: "operator",
    remedy:
      "Put the app registration back into APP_SECRETS, or have the account's owner sign in again with another one.",
  },
  "credential_unusable": {
    title: "The app registration cannot prove itself",
    cause: "The proxy cannot use the files of its certificate, or of its token. The log says why.",
    fixer: "operator",
    remedy:
      "Check the paths and the permissions of the files. They are read again at the next try.",
  },
  "registration_unsuitable": {
    title: "The app registration cannot send for app-only mailboxes",
    cause:
      "The app registration has to belong to one organisation, and needs a certificate, a secret or a token file.",
    fixer: "operator",
    remedy:
      "Write it as application-id@tenant-id in APP_SECRETS, with a certificate, a secret or a token file.",
  },
  "clock_skew": {
    title: "The clock of the proxy's machine is wrong",
    cause: "The times in Microsoft's answer do not match the clock.",
    fixer: "operator",
    remedy: "Set the machine's clock, and keep it right with NTP.",
  },
  "untrusted_response": {
    title: "The answer of the sign-in could not be verified",
    cause: "The answer is not what the proxy asked Microsoft for.",
    fixer: "operator",
    remedy: "The proxy tries again by itself. If it lasts, the operator looks at the log.",
  },
  "database": {
    title: "The proxy cannot read its database at the moment",
    cause: "The database is locked, full or damaged.",
    fixer: "operator",
    remedy: "Mail programs try again by themselves. If it lasts, the operator checks the disk.",
  },
  "secret": {
    title: "The proxy cannot open the stored sign-in",
    cause: "It is encrypted with a secret that is no longer in SESSION_SECRET.",
    fixer: "operator",
    remedy: "The operator puts the former secret back into SESSION_SECRET, after the new one.",
  },
  "unreachable": {
    title: "The submission server cannot be reached",
    cause: "The proxy could not connect: no route, no name, or no answer in time.",
    fixer: "operator",
    remedy: CHECK_NETWORK,
  },
  "closed, timeout": {
    title: "The connection to the submission server was lost",
    cause: "The server ended the connection, or did not answer in time.",
    fixer: "nobody",
    remedy: MAIL_PROGRAMS_RETRY,
  },
  "protocol": {
    title: "The submission server does not speak SMTP",
    cause: "The server's answer is not SMTP.",
    fixer: "operator",
    remedy: CHECK_TARGET,
  },
  "insecure": {
    title: "The connection to the submission server is not safe",
    cause: "The server offers no TLS, or its certificate cannot be trusted. Nothing was sent.",
    fixer: "operator",
    remedy:
      "Check SMTP_TARGET_HOST, and whether a firewall or virus scanner decrypts TLS on the way.",
  },
};

/** All refusals, by our reply or by the kind of the fault. */
export const PROXY_FAULTS: ReadonlyMap<string, Wording> = new Map(
  Object.entries(FAULTS).flatMap(([names, words]) =>
    names.split(", ").map((name) => [name, words] as const)
  ),
);

/** Explains a refusal of our own; `undefined` if there is nothing that its reply does not say. */
export function explainProxyFault(fault: string): Explanation | undefined {
  const words = PROXY_FAULTS.get(fault);
  return words && explanationOf(fault, words);
}

/** Returns the explanation of a fault of our own. */
export function explanationOf(code: string, words: Wording): Explanation {
  return { ...words, code, smtpText: toSmtpText(words.title), known: true };
}
