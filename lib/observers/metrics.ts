/**
 * Metrics in Prometheus' text format, fed by what happens in the SMTP server.
 *
 * @module
 */
import process from "node:process";
import client from "prom-client";
import type { Delivery, Observer, Reply, SmtpEvent, UpstreamCounts } from "../../smtp/mod.ts";
import type { Alert } from "../alerts/mod.ts";
import { DAY_MS, SECOND_MS } from "../base/mod.ts";
import type { AccountStore } from "../store/mod.ts";
import type { RenewalOutcome } from "../tokens/mod.ts";

/** What {@linkcode Metrics} asks when its numbers are read. */
export interface MetricsSources {
  readonly accounts: Pick<AccountStore, "count">;
  readonly alerts: { current(): readonly Pick<Alert, "kind">[] };
  /** Each certificate in use, by what it is for, with the end of its validity in milliseconds since the epoch. */
  certificates(): readonly (readonly [use: string, expiresAtMs: number])[];
  /** Milliseconds since the epoch. */
  now(): number;
}

/** What does not change while the program runs. */
export interface BuildInfo {
  readonly version: string;
  /** Version of the runtime. */
  readonly deno: string;
}

const PREFIX = "smtp_proxy";

/** Dormant accounts are renewed after two weeks at the latest, so every one above is late. */
const TOKEN_AGES_DAYS = [15, 30, 60, 80];

/** From a login by a warm connection to one that had to wait for everything. */
const LOGIN_BUCKETS_S = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15];
/** From a small message on a warm connection to a large one over a slow line. */
const DELIVERY_BUCKETS_S = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600];

/** Every outcome starts at zero, so that the first one counts as an increase. */
const DELIVERY_OUTCOMES: readonly Delivery["outcome"][] = [
  "accepted",
  "refused",
  "deferred",
  "unknown",
  "abandoned",
];
const RENEWAL_OUTCOMES: readonly RenewalOutcome[] = [
  "renewed",
  "temporary",
  "sign-in-required",
  "registration",
];
const LOGIN_OK = "ok";
const LOGIN_RESULTS = [
  LOGIN_OK,
  "invalid",
  "sign-in-required",
  "refused",
  "temporary",
  "throttled",
];

type Handlers = {
  readonly [Type in SmtpEvent["type"]]: (event: Extract<SmtpEvent, { type: Type }>) => void;
};

/** 421 is said by us alone, in a few texts; what else ends a session may have any text. */
function reasonOf({ code, text }: Reply): string {
  return code === 421 ? text : `${code}`;
}

/** All metrics of the program. */
export class Metrics {
  readonly #registry = new client.Registry();
  readonly #sessions = this.#gauge("sessions", "SMTP sessions that are open");
  readonly #sessionsTotal = this.#counter("sessions_total", "SMTP sessions so far", "port");
  readonly #cutOff = this.#counter(
    "sessions_cut_off_total",
    "SMTP sessions that we ended: limits, time, mistakes, revocation, stop",
    "reason",
  );
  readonly #rejected = this.#counter(
    "connections_rejected_total",
    "Connections that were turned away before a session began",
    "reason",
  );
  readonly #logins = this.#counter("logins_total", "SMTP logins", "result");
  readonly #loginSeconds = this.#histogram(
    "login_duration_seconds",
    "Time from AUTH to its reply",
    LOGIN_BUCKETS_S,
    "result",
  );
  readonly #deliveries = this.#counter("deliveries_total", "Mail transactions", "outcome");
  readonly #deliverySeconds = this.#histogram(
    "delivery_duration_seconds",
    "Time from MAIL to the final reply",
    DELIVERY_BUCKETS_S,
    "outcome",
  );
  readonly #octets = this.#counter("message_octets_total", "Octets of messages", "outcome");
  readonly #recipients = this.#counter("recipients_total", "Accepted recipients", "outcome");
  readonly #refusedCommands = this.#counter(
    "commands_refused_total",
    "SMTP commands answered with 4xx or 5xx, other than failed logins",
    "code",
  );
  readonly #upstreamFailures = this.#counter(
    "upstream_failures_total",
    "Connections to the submission server that failed",
    "server",
    "fault",
  );
  readonly #listenerFailures = this.#counter(
    "listener_failures_total",
    "Failures to accept connections",
  );
  readonly #renewals = this.#counter("token_renewals_total", "Renewals of tokens", "outcome");
  readonly #unexpectedErrors = this.#counter(
    "unexpected_errors_total",
    "Errors that nothing in the program had expected",
  );

  constructor(sources: MetricsSources, build: BuildInfo) {
    this.#gauge("build_info", "Versions", "version", "deno").set({ ...build }, 1);
    this.#watchProcess();
    this.#watchSources(sources);
    for (const result of LOGIN_RESULTS) this.#logins.inc({ result }, 0);
    for (const outcome of DELIVERY_OUTCOMES) {
      for (const counter of [this.#deliveries, this.#octets, this.#recipients]) {
        counter.inc({ outcome }, 0);
      }
    }
    for (const outcome of RENEWAL_OUTCOMES) this.#renewals.inc({ outcome }, 0);
  }

  /** The media type of {@linkcode Metrics.text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics as text. A source that cannot be asked makes it reject. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Counts what happens in the SMTP server. */
  readonly observe: Observer = (event) => {
    // deno-lint-ignore no-explicit-any -- TypeScript can't relate the event to its own entry of the table.
    (this.#handlers[event.type] as (event: any) => void)(event);
  };

  /** Counts a renewal of tokens. */
  readonly observeRenewal = (outcome: RenewalOutcome): void => this.#renewals.inc({ outcome });

  /** Counts an error that nothing had expected. */
  readonly observeUnexpectedError = (): void => this.#unexpectedErrors.inc();

  readonly #handlers: Handlers = {
    connected: ({ port }) => {
      this.#sessions.inc();
      this.#sessionsTotal.inc({ port });
    },
    disconnected: ({ cutOff }) => {
      this.#sessions.dec();
      if (cutOff !== undefined) this.#cutOff.inc({ reason: reasonOf(cutOff) });
    },
    rejected: ({ reason }) => this.#rejected.inc({ reason }),
    login: ({ failure: result = LOGIN_OK, durationMs }) => {
      this.#logins.inc({ result });
      this.#loginSeconds.observe({ result }, durationMs / SECOND_MS);
    },
    "command-refused": ({ reply: { code } }) => this.#refusedCommands.inc({ code }),
    delivery: ({ delivery: { outcome, durationMs, octetCount, recipients } }) => {
      this.#deliveries.inc({ outcome });
      this.#deliverySeconds.observe({ outcome }, durationMs / SECOND_MS);
      this.#octets.inc({ outcome }, octetCount);
      this.#recipients.inc({ outcome }, recipients.length);
    },
    "upstream-failure": ({ target: { host: server }, fault }) =>
      this.#upstreamFailures.inc({ server, fault }),
    "listener-failure": () => this.#listenerFailures.inc(),
  };

  /** Shows the connections to the submission server. */
  watchUpstream(read: () => UpstreamCounts): void {
    const help =
      "Connections to the submission server: in_use, idle; waiting: transactions that wait for one";
    this.#readGauge("upstream_connections", help, "state", (set) => {
      const { inUse, idle, waiting } = read();
      set("in_use", inUse);
      set("idle", idle);
      set("waiting", waiting);
    });
  }

  #watchProcess(): void {
    const startedAtS = Math.floor(Date.now() / SECOND_MS - process.uptime());
    this.#processGauge("process_start_time_seconds", "When the process started", () => startedAtS);
    this.#processGauge(
      "process_resident_memory_bytes",
      "Memory of the process",
      () => Deno.memoryUsage().rss,
    );
    this.#processGauge(
      `${PREFIX}_heap_used_bytes`,
      "JavaScript memory in use",
      () => Deno.memoryUsage().heapUsed,
    );
  }

  #watchSources({ accounts, alerts, certificates, now }: MetricsSources): void {
    this.#readGauge("accounts", "Accounts by state", "state", async (set) => {
      for (const state of ["active", "sign-in-required"] as const) {
        set(state, await accounts.count({ state }));
      }
    });
    this.#readGauge("alerts", "Alerts that stand, by kind", "kind", (set) => {
      const byKind = Map.groupBy(alerts.current(), ({ kind }) => kind);
      for (const [kind, standing] of byKind) set(kind, standing.length);
    });
    const age =
      "Active accounts whose tokens were renewed last more than so many days ago; they end after 90";
    this.#readGauge("accounts_not_renewed", age, "days", async (set) => {
      for (const days of TOKEN_AGES_DAYS) {
        const refreshedBeforeMs = now() - days * DAY_MS;
        set(`${days}`, await accounts.count({ state: "active", refreshedBeforeMs }));
      }
    });
    const expiry = "certificate_expiry_timestamp_seconds";
    this.#readGauge(expiry, "When a certificate of ours ends", "use", (set) => {
      for (const [use, expiresAtMs] of certificates()) set(use, expiresAtMs / SECOND_MS);
    });
  }

  #counter(name: string, help: string, ...labelNames: string[]): client.Counter {
    const registers = [this.#registry];
    return new client.Counter({ name: `${PREFIX}_${name}`, help, labelNames, registers });
  }

  #gauge(name: string, help: string, ...labelNames: string[]): client.Gauge {
    const registers = [this.#registry];
    return new client.Gauge({ name: `${PREFIX}_${name}`, help, labelNames, registers });
  }

  #histogram(name: string, help: string, buckets: number[], label: string): client.Histogram {
    return new client.Histogram({
      name: `${PREFIX}_${name}`,
      help,
      buckets,
      labelNames: [label],
      registers: [this.#registry],
    });
  }

  /** A gauge whose values are read when they are asked for. */
  #readGauge(
    name: string,
    help: string,
    label: string,
    read: (set: (value: string, number: number) => void) => void | Promise<void>,
  ): void {
    new client.Gauge({
      name: `${PREFIX}_${name}`,
      help,
      labelNames: [label],
      registers: [this.#registry],
      async collect() {
        this.reset();
        await read((value, number) => this.set({ [label]: value }, number));
      },
    });
  }

  #processGauge(name: string, help: string, read: () => number): void {
    new client.Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }
}
