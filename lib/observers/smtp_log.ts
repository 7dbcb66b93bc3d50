/**
 * What happens in the SMTP server, as lines of the log: one an event, with the session's id through all lines of a
 * connection, and one summary line for each message.
 *
 * @module
 */
import type { Delivery, DeliveryOutcome, Observer, SmtpEvent } from "../../smtp/mod.ts";
import { looksGenerated } from "../accounts/mod.ts";
import { queueIdOf } from "./delivery_record.ts";
import { errorText, SECRET_TEXT } from "../base/mod.ts";
import { explainReply } from "../explain/mod.ts";
import type { Logger } from "../log/mod.ts";

type Level = "debug" | "info" | "warn" | "error";
type Properties = Readonly<Record<string, unknown>>;
type Line = readonly [level: Level, message: string, properties: Properties];

type Lines = {
  readonly [Type in SmtpEvent["type"]]: (event: Extract<SmtpEvent, { type: Type }>) => Line;
};

type LoginEvent = Extract<SmtpEvent, { type: "login" }>;

/** Writes each event as one line. */
export function smtpLog(log: Pick<Logger, Level>): Observer {
  return (event) => {
    // deno-lint-ignore no-explicit-any -- TypeScript can't relate the event to its own entry of the table.
    const [level, message, properties] = (LINES[event.type] as (event: any) => Line)(event);
    log[level](message, properties);
  };
}

const LINES: Lines = {
  connected: ({ client, port }) => [
    "debug",
    "client connected",
    { session: client.sessionId, client: client.address, port, tls: client.secure },
  ],
  disconnected: ({ client, durationMs, messageCount, cause }) => [
    "debug",
    "client disconnected",
    { session: client.sessionId, durationMs, messages: messageCount, ...because(cause) },
  ],
  rejected: ({ address, reason, cause }) => [
    "info",
    "client turned away",
    { client: address, reason, ...because(cause) },
  ],
  login: (event) =>
    event.failure === undefined
      ? ["info", "login", loginProperties(event)]
      : ["warn", "login failed", loginProperties(event)],
  "command-refused": ({ client, reply, cause }) => [
    "debug",
    "command refused",
    { session: client.sessionId, reply: String(reply), ...because(cause) },
  ],
  delivery: ({ delivery }) => [
    delivery.outcome === "accepted" ? "info" : "warn",
    DELIVERY_MESSAGES[delivery.outcome],
    deliveryProperties(delivery),
  ],
  "upstream-failure": ({ target, fault, cause }) => [
    fault === "insecure" ? "error" : "warn",
    "submission server failed",
    { server: `${target.host}:${target.port}`, fault, ...because(cause) },
  ],
  "listener-failure": ({ address, cause }) => [
    "error",
    "cannot accept connections",
    { address, ...because(cause) },
  ],
};

const DELIVERY_MESSAGES: Readonly<Record<DeliveryOutcome, string>> = {
  accepted: "message accepted",
  refused: "message refused",
  deferred: "message deferred, the client should try again",
  unknown: "message perhaps accepted, the connection was lost before the answer",
  abandoned: "message given up by the client",
};

/** What the person who set the mail client up most likely has to do. */
const LOGIN_HINTS: Readonly<Partial<Record<NonNullable<LoginEvent["failure"]>, string>>> = {
  "invalid": "the mail client needs the account's address and an app password of the web page",
  "sign-in-required": "the owner of the account has to sign in on the web page again",
  "throttled": "too many failed logins from this address, it has to wait",
};

function loginProperties(event: LoginEvent): Properties {
  const { client, username, account, failure, durationMs, cause } = event;
  return {
    session: client.sessionId,
    client: client.address,
    username: looksGenerated(username) ? SECRET_TEXT : username,
    account: account?.id,
    failure,
    durationMs: Math.round(durationMs),
    ...because(cause),
    hint: failure && LOGIN_HINTS[failure],
  };
}

function deliveryProperties(delivery: Delivery): Properties {
  const { client, account, reversePath, recipients, octetCount } = delivery;
  const { outcome, durationMs, reply, cause } = delivery;
  return {
    session: client.sessionId,
    client: client.address,
    account: account.id,
    mailbox: account.mailbox,
    outcome,
    from: reversePath,
    recipients: recipients.length,
    octets: octetCount,
    durationMs: Math.round(durationMs),
    reply: reply && String(reply),
    queueId: reply && queueIdOf(reply.text) || undefined,
    ...because(cause),
    hint: reply && hintOn(reply, account.mailbox),
  };
}

/** The remedy for a refusal that we know. */
function hintOn(reply: NonNullable<Delivery["reply"]>, mailbox: string): string | undefined {
  const explanation = explainReply(reply, mailbox);
  return explanation?.known ? explanation.remedy : undefined;
}

function because(cause: unknown): Properties {
  return cause === undefined ? {} : { cause: errorText(cause) };
}
