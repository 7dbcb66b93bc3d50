/**
 * The log of SMTP events: one line an event, with the session's id in all lines of a connection, and one summary line for
 * each message.
 *
 * @module
 */
import type { Delivery, DeliveryOutcome, Observer, SmtpEvent } from "../../smtp/mod.ts";
import { looksGenerated } from "../accounts/mod.ts";
import { errorText, SECRET_TEXT } from "../base/mod.ts";
import { explainReply } from "../explain/mod.ts";
import type { Logger } from "../log/mod.ts";
import { queueIdOf } from "./delivery_record.ts";

type Level = "debug" | "info" | "warn" | "error";
type Properties = Readonly<Record<string, unknown>>;
type Line = readonly [level: Level, message: string, properties: Properties];
type LoginEvent = Extract<SmtpEvent, { type: "login" }>;

/** Returns an observer that writes each event as one line. */
export function smtpLog(log: Pick<Logger, Level>): Observer {
  return (event) => {
    const [level, message, properties] = lineOf(event);
    log[level](message, properties);
  };
}

function lineOf(event: SmtpEvent): Line {
  switch (event.type) {
    case "connected": {
      const { client, port } = event;
      const { sessionId: session, address, secure: tls } = client;
      return ["debug", "client connected", { session, client: address, port, tls }];
    }
    case "disconnected": {
      const { client: { sessionId: session }, durationMs, messageCount: messages } = event;
      const properties = { session, durationMs, messages, ...because(event) };
      return ["debug", "client disconnected", properties];
    }
    case "rejected": {
      const { address: client, reason } = event;
      return ["info", "client turned away", { client, reason, ...because(event) }];
    }
    case "login":
      return event.failure === undefined
        ? ["info", "login", loginProperties(event)]
        : ["warn", "login failed", loginProperties(event)];
    case "command-refused": {
      const { client: { sessionId: session }, reply } = event;
      return ["debug", "command refused", { session, reply: String(reply), ...because(event) }];
    }
    case "delivery": {
      const { outcome } = event.delivery;
      const level = outcome === "accepted" ? "info" : "warn";
      return [level, DELIVERY_MESSAGES[outcome], deliveryProperties(event.delivery)];
    }
    case "upstream-failure": {
      const { target, fault } = event;
      const properties = { server: `${target.host}:${target.port}`, fault, ...because(event) };
      return [fault === "insecure" ? "error" : "warn", "submission server failed", properties];
    }
    case "listener-failure": {
      const properties = { address: event.address, ...because(event) };
      return ["error", "cannot accept connections", properties];
    }
  }
}

const DELIVERY_MESSAGES: Readonly<Record<DeliveryOutcome, string>> = {
  accepted: "message accepted",
  refused: "message refused",
  deferred: "message deferred, the client should try again",
  unknown: "message perhaps accepted, the connection was lost before the answer",
  abandoned: "message given up by the client",
};

/** The most likely remedy, for the person who set the mail client up. */
const LOGIN_HINTS: Readonly<Partial<Record<NonNullable<LoginEvent["failure"]>, string>>> = {
  "invalid": "the mail client needs the account's address and an app password of the web page",
  "sign-in-required": "the owner of the account has to sign in on the web page again",
  "throttled": "too many failed logins from this address, it has to wait",
};

function loginProperties(event: LoginEvent): Properties {
  const { client, username, account, failure, durationMs } = event;
  return {
    session: client.sessionId,
    client: client.address,
    username: looksGenerated(username) ? SECRET_TEXT : username,
    account: account?.id,
    failure,
    durationMs: Math.round(durationMs),
    ...because(event),
    hint: failure && LOGIN_HINTS[failure],
  };
}

function deliveryProperties(delivery: Delivery): Properties {
  const { client, account, reversePath, recipients, octetCount } = delivery;
  const { outcome, durationMs, reply } = delivery;
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
    queueId: reply && queueIdOf(reply.text),
    ...because(delivery),
    hint: reply && hintOn(reply, account.mailbox),
  };
}

/** Returns the remedy for a known refusal. */
function hintOn(reply: NonNullable<Delivery["reply"]>, mailbox: string): string | undefined {
  const explanation = explainReply(reply, mailbox);
  return explanation?.known ? explanation.remedy : undefined;
}

function because({ cause }: { readonly cause?: unknown }): Properties {
  return cause === undefined ? {} : { cause: errorText(cause) };
}
