/**
 * Metrics in Prometheus' text format, fed by SMTP events.
 *
 * @module
 */
import process from "node:process";
import type client from "prom-client";
import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import Histogram from "prom-client/lib/histogram.js";
import Registry from "prom-client/lib/registry.js";
import {
  DELIVERY_OUTCOMES,
  type Observer,
  type Reply,
  type SmtpEvent,
  type UpstreamCounts,
} from "../../smtp/mod.ts";
import type { Alert } from "../alerts/mod.ts";
import { DAY_MS, SECOND_MS } from "../base/mod.ts";
import { ACCOUNT_STATES, type AccountStore, StoreError } from "../store/mod.ts";
import { RENEWAL_OUTCOMES, type RenewalOutcome } from "../tokens/mod.ts";

/** The sources of gauges that are read on request. */
export interface MetricsSources {
  readonly accounts: Pick<AccountStore, "count">;
  readonly alerts: { current(): readonly Pick<Alert, "kind">[] };
  /** Returns each certificate in use, by its purpose, with the end of its validity in milliseconds since the epoch. */
  certificates(): readonly (readonly [use: string, expiresAtMs: number])[];
  /** The app registrations, with the ends of their secrets and certificates. */
  readonly registrations: {
    list(): Promise<readonly { readonly clientId: string; readonly endsAtMs?: number }[]>;
  };
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The versions of the program. */
export interface BuildInfo {
  readonly version: string;
  /** Version of the runtime. */
  readonly deno: string;
}

/** The state of this process as one of several replicas. */
export interface ReplicaState {
  /** Milliseconds since the database accepted its last heartbeat. */
  readonly heartbeatAgeMs: number;
  readonly slots: { readonly held: number; readonly wanted: number };
  /** Claims of the right to renew tokens, by their answer. */
  readonly claims: Readonly<Record<string, number>>;
}

/**
 * The parts of prom-client that are needed, which have no types of their own. Its index loads twice as much: clusters, timers
 * of V8, an HTTP client.
 */
const prometheus = { Counter, Gauge, Histogram, Registry } as unknown as Pick<
  typeof client,
  "Counter" | "Gauge" | "Histogram" | "Registry"
>;

type Login = Extract<SmtpEvent, { type: "login" }>;

const PREFIX = "smtp_proxy_";

/** Dormant accounts are renewed after two weeks at the latest, so every one above is late. */
const TOKEN_AGES_DAYS = [15, 30, 60, 80];

/** From a login on a warm connection to one that had to wait for everything. */
const LOGIN_BUCKETS_S = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15];
/** From a small message on a warm connection to a large one over a slow line. */
const DATABASE_BUCKETS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 3];
const DELIVERY_BUCKETS_S = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600];

const LOGIN_RESULTS: readonly (NonNullable<Login["failure"]> | "ok")[] = [
  "ok",
  "invalid",
  "sign-in-required",
  "refused",
  "temporary",
  "throttled",
  "crowded",
];

/** Holds all metrics of the program. */
export class Metrics {
  readonly #registry = new prometheus.Registry();
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
  readonly #envelopesRefused = this.#counter(
    "envelopes_refused_total",
    "Mail transactions that were refused before their message, by the command that was refused last",
    "stage",
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
  readonly #upstreamSignIns = this.#counter(
    "upstream_sign_ins_total",
    "Sign-ins at the submission server, without those that may work later",
    "result",
  );
  readonly #listenerFailures = this.#counter(
    "listener_failures_total",
    "Failures to accept connections",
  );
  #databaseSeconds: client.Histogram | undefined;
  readonly #renewals = this.#counter("token_renewals_total", "Renewals of tokens", "outcome");
  readonly #unexpectedErrors = this.#counter(
    "unexpected_errors_total",
    "Errors that nothing in the program had expected",
  );

  constructor(sources: MetricsSources, build: BuildInfo) {
    this.#gauge("build_info", "Versions", "version", "deno").set({ ...build }, 1);
    this.#watchProcess();
    this.#watchSources(sources);
    this.#startAtZero();
  }

  /** The media type of {@linkcode Metrics.text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Returns all metrics as text. Rejects when a source fails. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Counts an SMTP event. */
  readonly observe: Observer = (event) => {
    switch (event.type) {
      case "connected":
        this.#sessions.inc();
        return this.#sessionsTotal.inc({ port: event.port });
      case "disconnected":
        this.#sessions.dec();
        return event.cutOff && this.#cutOff.inc({ reason: reasonOf(event.cutOff) });
      case "rejected":
        return this.#rejected.inc({ reason: event.reason });
      case "login":
        return this.#countLogin(event);
      case "command-refused":
        return this.#refusedCommands.inc({ code: event.reply.code });
      case "delivery":
        return this.#countDelivery(event);
      case "upstream-sign-in":
        return this.#upstreamSignIns.inc({ result: event.refusal ? "refused" : "ok" });
      case "upstream-failure":
        return this.#upstreamFailures.inc({ server: event.target.host, fault: event.fault });
      case "listener-failure":
        return this.#listenerFailures.inc();
    }
  };

  /** Counts a renewal of tokens. */
  readonly observeRenewal = (outcome: RenewalOutcome): void => this.#renewals.inc({ outcome });

  /** Counts an unexpected error. */
  readonly observeUnexpectedError = (): void => this.#unexpectedErrors.inc();

  /** Adds a gauge of the connections to the submission server. */
  watchUpstream(read: () => UpstreamCounts): void {
    const help =
      "Connections to the submission server: in_use, idle; waiting: transactions that wait for one";
    this.#watch(`${PREFIX}upstream_connections`, help, (set) => {
      const { inUse, idle, waiting } = read();
      set(inUse, "in_use");
      set(idle, "idle");
      set(waiting, "waiting");
    }, "state");
  }

  /** Counts the time of a statement to a database server. */
  readonly observeQuery = (durationMs: number): void =>
    this.#databaseSeconds?.observe(durationMs / SECOND_MS);

  /** Adds metrics of this process as one of several replicas. */
  watchReplica(read: () => ReplicaState): void {
    this.#databaseSeconds = this.#histogram(
      "database_duration_seconds",
      "Time of a statement to the database server, with the wait for a connection",
      DATABASE_BUCKETS_S,
    );
    const age = "Time since the database took the last sign of life of this replica";
    this.#watch(`${PREFIX}replica_pulse_age_seconds`, age, (set) => {
      set(read().heartbeatAgeMs / SECOND_MS);
    });
    const slots = "Connections of mailboxes that this replica may open, and mailboxes that wait";
    this.#watch(`${PREFIX}mailbox_slots`, slots, (set) => {
      const { slots } = read();
      set(slots.held, "held");
      set(slots.wanted, "wanted");
    }, "state");
    const claims = "Claims of the right to renew tokens, by their answer, so far";
    this.#watch(`${PREFIX}token_lease_claims`, claims, (set) => {
      for (const [answer, count] of Object.entries(read().claims)) set(count, answer);
    }, "answer");
  }

  #countLogin({ failure, durationMs }: Login): void {
    const result = failure ?? "ok";
    this.#logins.inc({ result });
    this.#loginSeconds.observe({ result }, durationMs / SECOND_MS);
  }

  #countDelivery({ delivery }: Extract<SmtpEvent, { type: "delivery" }>): void {
    const { stage, outcome, durationMs, octetCount, recipients } = delivery;
    if (stage !== "data") return this.#envelopesRefused.inc({ stage });
    this.#deliveries.inc({ outcome });
    this.#deliverySeconds.observe({ outcome }, durationMs / SECOND_MS);
    this.#octets.inc({ outcome }, octetCount);
    this.#recipients.inc({ outcome }, recipients.length);
  }

  /** A counter that appears with its first event shows no increase. */
  #startAtZero(): void {
    for (const result of LOGIN_RESULTS) this.#logins.inc({ result }, 0);
    for (const stage of ["mail", "rcpt"]) this.#envelopesRefused.inc({ stage }, 0);
    for (const result of ["ok", "refused"]) this.#upstreamSignIns.inc({ result }, 0);
    for (const outcome of RENEWAL_OUTCOMES) this.#renewals.inc({ outcome }, 0);
    for (const outcome of DELIVERY_OUTCOMES) {
      for (const counter of [this.#deliveries, this.#octets, this.#recipients]) {
        counter.inc({ outcome }, 0);
      }
    }
  }

  #watchProcess(): void {
    const startedAtS = Math.floor(Date.now() / SECOND_MS - process.uptime());
    const gauges: readonly (readonly [name: string, help: string, read: () => number])[] = [
      ["process_start_time_seconds", "When the process started", () => startedAtS],
      ["process_resident_memory_bytes", "Memory of the process", () => Deno.memoryUsage().rss],
      [`${PREFIX}heap_used_bytes`, "JavaScript memory in use", () => Deno.memoryUsage().heapUsed],
    ];
    for (const [name, help, read] of gauges) this.#watch(name, help, (set) => set(read()));
  }

  #watchSources({ accounts, alerts, certificates, registrations, now }: MetricsSources): void {
    this.#watch(
      `${PREFIX}accounts`,
      "Accounts by state",
      async (set) => {
        for (const state of ACCOUNT_STATES) set(await accounts.count({ state }), state);
      },
      "state",
      StoreError,
    );
    this.#watch(`${PREFIX}alerts`, "Alerts that stand, by kind", (set) => {
      const byKind = Map.groupBy(alerts.current(), ({ kind }) => kind);
      for (const [kind, standing] of byKind) set(standing.length, kind);
    }, "kind");
    const age =
      "Accounts that need no sign-in whose tokens were renewed last more than so many days ago; they end after 90";
    this.#watch(
      `${PREFIX}accounts_not_renewed`,
      age,
      async (set) => {
        for (const days of TOKEN_AGES_DAYS) {
          const refreshedBeforeMs = now() - days * DAY_MS;
          const active = await accounts.count({ state: "active", refreshedBeforeMs });
          const refused = await accounts.count({ state: "refused", refreshedBeforeMs });
          set(active + refused, `${days}`);
        }
      },
      "days",
      StoreError,
    );
    const expiry = `${PREFIX}certificate_expiry_timestamp_seconds`;
    this.#watch(expiry, "When a certificate of ours ends", (set) => {
      for (const [use, expiresAtMs] of certificates()) set(expiresAtMs / SECOND_MS, use);
    }, "use");
    this.#watch(
      `${PREFIX}registration_expiry_timestamp_seconds`,
      "When the secret or the certificate of an app registration ends, as far as it is known",
      async (set) => {
        for (const { clientId, endsAtMs } of await registrations.list()) {
          if (endsAtMs !== undefined) set(endsAtMs / SECOND_MS, clientId);
        }
      },
      "registration",
      StoreError,
    );
  }

  #counter(name: string, help: string, ...labelNames: string[]): client.Counter {
    return new prometheus.Counter({ ...this.#options(name, help), labelNames });
  }

  #gauge(name: string, help: string, ...labelNames: string[]): client.Gauge {
    return new prometheus.Gauge({ ...this.#options(name, help), labelNames });
  }

  #histogram(
    name: string,
    help: string,
    buckets: number[],
    ...labelNames: string[]
  ): client.Histogram {
    return new prometheus.Histogram({ ...this.#options(name, help), buckets, labelNames });
  }

  #options(name: string, help: string) {
    return { name: `${PREFIX}${name}`, help, registers: [this.#registry] };
  }

  /** Adds a gauge whose values are read on request. @param absence An error that leaves it out. */
  #watch(
    name: string,
    help: string,
    read: (set: (number: number, label?: string) => void) => void | Promise<void>,
    label?: string,
    absence?: typeof StoreError,
  ): void {
    new prometheus.Gauge({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [this.#registry],
      async collect() {
        this.reset();
        try {
          await read((number, value) =>
            this.set(label === undefined ? {} : { [label]: value! }, number)
          );
        } catch (error) {
          if (absence === undefined || !(error instanceof absence)) throw error;
          this.reset();
        }
      },
    });
  }
}

/** Only we say 421, in a few texts. Other replies that end a session may have any text. */
function reasonOf({ code, text }: Reply): string {
  return code === 421 ? text : `${code}`;
}
