/**
 * AUTH (RFC 4954): the SASL exchange of one session, and what comes of it.
 *
 * @module
 */
import type { Backend, ClientInfo, Login } from "../backend.ts";
import {
  asSmtpError,
  type Credentials,
  LoginError,
  loginReply,
  Reply,
  type SaslExchange,
  type SaslStep,
  SmtpError,
  startSasl,
} from "../protocol/mod.ts";
import type { Clock } from "../clock.ts";
import type { Observer } from "../events.ts";
import { LINE_TOO_LONG } from "../net/mod.ts";

/** RFC 4954 section 4. */
const EXCHANGE_LINE_TOO_LONG = new Reply(500, "5.5.6", "Authentication exchange line is too long");

/** What a login needs of its session. */
export interface LoginContext {
  readonly backend: Backend;
  readonly observe: Observer;
  readonly clock: Clock;
}

/** What AUTH, or a line of its exchange, leads to. */
export type LoginStep = { readonly challenge: Reply } | { readonly login: Promise<Login> };

/** Leads one client through its exchange. */
export class LoginDialogue {
  readonly #context: LoginContext;
  #exchange: SaslExchange | undefined;

  constructor(context: LoginContext) {
    this.#context = context;
  }

  /** Whether the next line belongs to the exchange. */
  get open(): boolean {
    return this.#exchange !== undefined;
  }

  /** @throws {SmtpError} when the exchange can't begin. */
  start(mechanism: string, initialResponse: string | undefined, client: ClientInfo): LoginStep {
    const { exchange, step } = startSasl(mechanism, initialResponse);
    return this.#follow(exchange, step, client);
  }

  /** @throws {SmtpError} when the line is no answer; the exchange is over then. */
  answer(line: Uint8Array, client: ClientInfo): LoginStep {
    const exchange = this.#exchange!;
    this.#exchange = undefined;
    return this.#follow(exchange, exchange.next(line), client);
  }

  /** Ends the exchange because of a line that could not be read, and gives the reply to it. */
  cancel(reply: Reply): Reply {
    this.#exchange = undefined;
    return reply === LINE_TOO_LONG ? EXCHANGE_LINE_TOO_LONG : reply;
  }

  #follow(exchange: SaslExchange, step: SaslStep, client: ClientInfo): LoginStep {
    if ("credentials" in step) return { login: this.#logIn(step.credentials, client) };
    this.#exchange = exchange;
    return step;
  }

  async #logIn(credentials: Credentials, client: ClientInfo): Promise<Login> {
    const { backend, observe, clock } = this.#context;
    const startedMs = clock.now();
    const event = { type: "login", client, username: credentials.username } as const;
    try {
      const login = await backend.login(credentials, client);
      observe({ ...event, account: login.account, durationMs: clock.now() - startedMs });
      return login;
    } catch (error) {
      const failed = asSmtpError(error);
      const failure = failed instanceof LoginError ? failed.failure : "temporary";
      const reply = loginReply(failed);
      const durationMs = clock.now() - startedMs;
      observe({ ...event, failure, reply, durationMs, cause: failed.privateCause });
      throw new SmtpError(reply, { cause: error });
    }
  }
}
