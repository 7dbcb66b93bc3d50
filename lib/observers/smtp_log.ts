/**
 * The log of SMTP events: one line an event, with the session's id in all lines of a connection, and one summary line for
 * each message.
 *
 * @module
 */
import {
  type Account,
  type Delivery,
  type DeliveryOutcome,
  type DeliveryStage,
  type Observer,
  type SmtpEvent,
  UpstreamRefusal,
} from "../../smtp/mod.ts";
import { looksGenerated } from "../accounts/mod.ts";
import { errorText, SECRET_TEXT } from "../base/mod.ts";
import { type Cause, DeadSignIn, explainCause } from "../explain/mod.ts";
import { type LineDigest, type Logger, shortName } from "../log/mod.ts";
import { MicrosoftError } from "../microsoft/mod.ts";
import { queueIdOf } from "./activity_record.ts";
import { causeIn, causeOf } from "./cause.ts";

type Level = "debug" | "info" | "warning" | "error";
type Properties = Readonly<Record<string, unknown>>;
type Line = readonly [level: Level, message: string, properties: Properties];
type Event<Type extends SmtpEvent["type"]> = Extract<SmtpEvent, { type: Type }>;

/** Returns an observer that writes each event as one line. @param digest Takes the lines that strangers can cause. */
export function smtpLog(log: Pick<Logger, Level>, digest: Pick<LineDigest, "write">): Observer {
  const sessions = new Sessions();
  return (event) => {
    const [level, message, properties] = lineOf(event, sessions);
    const about = level === "info" || level === "warning"
      ? repeatableLine(event, sessions)
      : undefined;
    if (about === undefined) log[level](message, properties);
    else digest.write({ level: level as "info" | "warning", message, properties, ...about });
    sessions.note(event);
  };
}

/**
 * Returns the client of an event that anybody can cause at will, and the reason: each reason is a line of its own kind. Anyone
 * with an account can get messages refused at no cost.
 */
function repeatableLine(event: SmtpEvent, sessions: Sessions) {
  switch (event.type) {
    case "rejected":
      return { address: event.address, reason: handshakeHint(event.cause) ?? event.reason };
    case "disconnected": {
      const { address, helo } = event.client;
      const reply = sessions.lastRefusal(event)?.reply;
      const reason = handshakeHint(event.cause) ?? (reply && `${reply.code} ${reply.enhanced}`);
      return { address, reason, name: helo ? shortName(helo) : undefined };
    }
    case "login": {
      const { client: { address }, failure } = event;
      const isGuess = failure === "invalid" || failure === "throttled";
      return isGuess ? { address, reason: failure, name: shownName(event) } : undefined;
    }
    case "delivery": {
      const { client: { address }, account: { mailbox: name }, outcome, reply } = event.delivery;
      const reason = reply && `${reply.code} ${reply.enhanced}`;
      return outcome === "refused" ? { address, reason, name } : undefined;
    }
  }
}

function shownName({ username }: Event<"login">): string {
  return looksGenerated(username) ? SECRET_TEXT : shortName(username);
}

/** Remembers for each open session whether somebody has logged in, and otherwise the last refusal. */
class Sessions {
  readonly #loggedIn = new Set<string>();
  readonly #refusals = new Map<string, Event<"login" | "command-refused">>();

  note(event: SmtpEvent): void {
    if (event.type === "disconnected") {
      this.#loggedIn.delete(event.client.sessionId);
      this.#refusals.delete(event.client.sessionId);
    } else if (event.type === "login" || event.type === "command-refused") {
      const { sessionId } = event.client;
      if (event.type === "login" && event.failure === undefined) this.#loggedIn.add(sessionId);
      else if (!this.#loggedIn.has(sessionId)) this.#refusals.set(sessionId, event);
    }
  }

  loggedIn({ client }: Event<"disconnected">): boolean {
    return this.#loggedIn.has(client.sessionId);
  }

  lastRefusal({ client }: Event<"disconnected">): Event<"login" | "command-refused"> | undefined {
    return this.#refusals.get(client.sessionId);
  }
}

function lineOf(event: SmtpEvent, sessions: Sessions): Line {
  switch (event.type) {
    case "connected": {
      const { client, port } = event;
      const { sessionId: session, address, secure: tls } = client;
      return ["debug", "client connected", { session, client: address, port, tls }];
    }
    case "disconnected":
      return disconnected(event, sessions);
    case "rejected": {
      const { address: client, reason } = event;
      const hint = handshakeHint(event.cause);
      return ["info", "client turned away", { client, reason, ...because(event), hint }];
    }
    case "login":
      return event.failure === undefined
        ? ["info", "login", loginProperties(event)]
        : ["warning", "login failed", loginProperties(event)];
    case "command-refused": {
      const { client: { sessionId: session }, reply } = event;
      return ["debug", "command refused", { session, reply: String(reply), ...because(event) }];
    }
    case "delivery": {
      const { stage, outcome } = event.delivery;
      const level = outcome === "accepted" ? "info" : "warning";
      const message = stage === "data" ? DELIVERY_MESSAGES[outcome] : ENVELOPE_MESSAGES[stage];
      return [level, message, deliveryProperties(event.delivery)];
    }
    case "upstream-sign-in":
      return signIn(event);
    case "upstream-failure": {
      const { target, fault } = event;
      const properties = { server: `${target.host}:${target.port}`, fault, ...because(event) };
      return [fault === "insecure" ? "error" : "warning", "submission server failed", properties];
    }
    case "listener-failure": {
      const properties = { address: event.address, ...because(event) };
      return ["error", "cannot accept connections", properties];
    }
  }
}

/**
 * A client that left without a login gets a line if its owner may wonder why no mail goes out: it greeted us, was refused
 * something, or failed at TLS. Health checks and port scanners do none of that.
 */
function disconnected(event: Event<"disconnected">, sessions: Sessions): Line {
  const { client, durationMs, messageCount: messages } = event;
  const session = client.sessionId;
  const refusal = sessions.lastRefusal(event);
  const hint = handshakeHint(event.cause);
  if (sessions.loggedIn(event) || !refusal && !hint && !event.greeted) {
    const properties = { session, durationMs, messages, ...because(event) };
    return ["debug", "client disconnected", properties];
  }
  return ["info", "client left without a login", {
    session,
    client: client.address,
    helo: shortName(client.helo) || undefined,
    tls: client.secure,
    durationMs,
    refusal: refusal?.reply && String(refusal.reply),
    ...because(event.cause === undefined && refusal ? refusal : event),
    hint,
  }];
}

const NOT_TRUSTED =
  "the client does not trust the certificate: its name has to be in it, and a known authority has to sign it";
const NOTHING_IN_COMMON =
  "the client is too old: it has no TLS version or cipher in common with us";

/** By the code of OpenSSL's error. */
const HANDSHAKE_HINTS: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER:
    "the client speaks no TLS, which this port needs: change its port or its encryption",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: NOT_TRUSTED,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: NOT_TRUSTED,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: NOT_TRUSTED,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: NOTHING_IN_COMMON,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: NOTHING_IN_COMMON,
};

function handshakeHint(cause: unknown): string | undefined {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (!code.startsWith("ERR_SSL_")) return undefined;
  return HANDSHAKE_HINTS[code] ?? "the TLS handshake failed";
}

function signIn({ account, refusal }: Event<"upstream-sign-in">): Line {
  const { id, mailbox } = account;
  if (!refusal) return ["debug", "submission server accepts account", { account: id, mailbox }];
  return ["warning", "submission server refuses account", {
    account: id,
    mailbox,
    reply: String(refusal),
    hint: hintOn(`upstream:${refusal}`, account),
  }];
}

const DELIVERY_MESSAGES: Readonly<Record<DeliveryOutcome, string>> = {
  accepted: "message accepted",
  refused: "message refused",
  deferred: "message deferred, the client should try again",
  unknown: "message perhaps accepted, the connection was lost before the answer",
  abandoned: "message given up by the client",
};

const ENVELOPE_MESSAGES: Readonly<Record<Exclude<DeliveryStage, "data">, string>> = {
  mail: "sender refused",
  rcpt: "recipient refused, and the message given up by the client",
};

function loginProperties(event: Event<"login">): Properties {
  const { client, account, failure, durationMs } = event;
  return {
    session: client.sessionId,
    client: client.address,
    byAddress: event.byAddress,
    username: shownName(event),
    account: account?.id,
    failure,
    durationMs: Math.round(durationMs),
    ...because(event),
    hint: hintOn(causeIn(event), ownerIn(event.cause)),
  };
}

function deliveryProperties(delivery: Delivery): Properties {
  const { client, account, header, reversePath, recipients, refused, octetCount } = delivery;
  const { outcome, durationMs, reply } = delivery;
  return {
    session: client.sessionId,
    client: client.address,
    account: account.id,
    mailbox: account.mailbox,
    outcome,
    from: reversePath,
    originalFrom: delivery.originalReversePath,
    originalHeaderFrom: header?.originalFrom && shortName(header.originalFrom),
    headerChanges: headerChanges(delivery),
    recipients: recipients.length,
    refused: refused.length || undefined,
    octets: octetCount,
    durationMs: Math.round(durationMs),
    reply: reply && String(reply),
    queueId: reply && queueIdOf(reply.text),
    ...because(delivery),
    hint: hintOn(causeOf(reply, delivery.cause), account),
  };
}

/** The owner of the account that an explanation is for. */
type Owner = Partial<Pick<Account, "mailbox" | "kind">>;

/** A failed login has no account, but its cause may know the owner. */
function ownerIn(cause: unknown): Owner | undefined {
  if (cause instanceof UpstreamRefusal) return cause.account;
  return cause instanceof DeadSignIn || cause instanceof MicrosoftError
    ? { kind: cause.kind }
    : undefined;
}

/** Returns the changes of the header in words, such as `From rewritten, Reply-To added`. */
function headerChanges({ header }: Delivery): string | undefined {
  const words = header?.changes.map(({ field, action }) => `${field} ${action}`) ?? [];
  return words.join(", ") || undefined;
}

/** Returns cause and remedy of a known refusal, in the words that its owner reads. */
function hintOn(cause: Cause | undefined, owner: Owner = {}): string | undefined {
  const explanation = explainCause(cause, owner.mailbox, owner.kind);
  return explanation && `${explanation.title}. ${explanation.remedy}`;
}

function because({ cause }: { readonly cause?: unknown }): Properties {
  return cause === undefined ? {} : { cause: errorText(cause) };
}
