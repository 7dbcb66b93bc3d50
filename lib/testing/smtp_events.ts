/**
 * Events of the SMTP server, for tests of those who watch it.
 *
 * @module
 */
import { type Delivery, Reply, type SmtpEvent } from "../../smtp/mod.ts";

export const SOME_CLIENT = {
  sessionId: "5f3c0a1b",
  address: "192.0.2.7",
  secure: true,
  helo: "client.example",
};

export const SOME_ACCOUNT = {
  id: "a1",
  mailbox: "anna@example.com",
  signInName: "anna@example.com",
  target: { host: "smtp.example", port: 587, tls: "starttls" },
  appPasswordId: "p1",
} as const;

/** A message that was accepted, as Microsoft says it. */
export function delivery(changes: Partial<Delivery> = {}): SmtpEvent {
  return {
    type: "delivery",
    delivery: {
      stage: "data",
      client: SOME_CLIENT,
      account: SOME_ACCOUNT,
      reversePath: "anna@example.com",
      recipients: ["bob@example.org", "carol@example.org", "dan@example.net"],
      refused: [],
      octetCount: 4096,
      durationMs: 321.5,
      outcome: "accepted",
      reply: new Reply(250, "2.0.0", "OK <q1@X.PROD.OUTLOOK.COM> [Hostname=X.PROD.OUTLOOK.COM]"),
      ...changes,
    },
  };
}
