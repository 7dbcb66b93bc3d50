/**
 * What happens in the SMTP server, as lines of the log.
 *
 * @module
 */
import { errorText } from "./error_text.ts";
import type { Logger } from "./log.ts";
import type { Delivery, Observer, SmtpEvent } from "../smtp/backend.ts";

type Line = readonly [
  level: "debug" | "info" | "warn" | "error",
  message: string,
  properties: object,
];

type Lines = {
  readonly [Type in SmtpEvent["type"]]: (event: Extract<SmtpEvent, { type: Type }>) => Line;
};

/** Writes each event as one line. */
export function smtpLog(log: Logger): Observer {
  return (event) => {
    // deno-lint-ignore no-explicit-any -- TypeScript can't relate the event to its own entry of the table.
    const [level, message, properties] = (LINES[event.type] as (event: any) => Line)(event);
    log[level](message, properties as Record<string, unknown>);
  };
}

const LINES: Lines = {
  connected: ({ client, port }) => [
    "debug",
    "client connected",
    { session: client.sessionId, client: client.address, port },
  ],
  disconnected: ({ client, durationMs, messageCount, cause }) => [
    "debug",
    "client disconnected",
    { session: client.sessionId, durationMs, messages: messageCount, ...because(cause) },
  ],
  rejected: ({ address, reason, cause }) => [
    "info",
    "client rejected",
    { client: address, reason, ...because(cause) },
  ],
  login: ({ client, username, account, failure, durationMs, cause }) => [
    failure === undefined ? "info" : "warn",
    failure === undefined ? "login" : "login failed",
    {
      session: client.sessionId,
      client: client.address,
      username,
      ...(account && { account: account.id }),
      ...(failure && { failure }),
      durationMs,
      ...because(cause),
    },
  ],
  "command-refused": ({ client, reply, cause }) => [
    "debug",
    "command refused",
    { session: client.sessionId, reply: String(reply), ...because(cause) },
  ],
  delivery: ({ delivery }) => [
    delivery.outcome === "accepted" ? "info" : "warn",
    delivery.outcome === "accepted" ? "message accepted" : "message not accepted",
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

function deliveryProperties(delivery: Delivery): object {
  const { client, account, outcome, reversePath, recipients, octetCount, durationMs } = delivery;
  return {
    session: client.sessionId,
    client: client.address,
    account: account.id,
    outcome,
    from: reversePath,
    recipients: recipients.length,
    octets: octetCount,
    durationMs,
    ...(delivery.reply && { reply: String(delivery.reply) }),
    ...because(delivery.cause),
  };
}

function because(cause: unknown): object {
  return cause === undefined ? {} : { cause: errorText(cause) };
}
