/**
 * The fixture of transcripts: the real server, relay and pool between a client and an upstream in memory.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { SmtpEvent } from "../events.ts";
import { DEFAULT_SESSION_LIMITS, FIXED_SESSION_LIMITS } from "../session/limits.ts";
import { DEFAULT_POOL_LIMITS, FIXED_POOL_LIMITS } from "../upstream/pool.ts";
import type { SmtpService } from "../server/service.ts";
import type { PortKind } from "../net/transport.ts";
import {
  ANNA,
  FakeAddressBook,
  FakeAllowance,
  FakeAuthenticator,
  type FakeFailure,
  FakeTokenSource,
} from "./fakes.ts";
import { startFakeService } from "./fake_service.ts";
import { type ManualClock, settle } from "./manual_clock.ts";
import { Inbox } from "./inbox.ts";
import { MemoryDialer, MemoryNetwork } from "./memory_network.ts";

const PORT = 25;
const SESSION_LIMITS = { ...DEFAULT_SESSION_LIMITS, ...FIXED_SESSION_LIMITS };
const POOL_LIMITS = { ...DEFAULT_POOL_LIMITS, ...FIXED_POOL_LIMITS };

/** The extensions that Microsoft offers. */
const DEFAULT_EXTENSIONS = "SIZE 157286400, PIPELINING, DSN, ENHANCEDSTATUSCODES, " +
  "AUTH LOGIN XOAUTH2, 8BITMIME, CHUNKING, SMTPUTF8";

type Options = ReadonlyMap<string, string>;

const ANYTHING = /^.+$/;
const TOKEN_FAILURE = /^(?:sign-in-required|temporary|crash)$/;

/** Options of a transcript and their values; `testdata/README.md` describes them. */
const OPTIONS: ReadonlyMap<string, RegExp> = new Map([
  ["port", /^(?:plain|starttls|tls)$/],
  ["authenticator", /^(?:throttled|sign-in-required|temporary|crash)$/],
  ["tokens", TOKEN_FAILURE],
  ["refresh", TOKEN_FAILURE],
  ["extensions", ANYTHING],
  ["upstream-tls", /^implicit$/],
  ["allowed-sender", ANYTHING],
  ["forced-sender", /^yes$/],
  ["allowed-recipients", ANYTHING],
  ["daily-limit", /^\d+$/],
  ["address", /^(?:known|unknown)$/],
  ["missing-headers", /^add$/],
  ["limits", ANYTHING],
  ["pool-limits", ANYTHING],
]);

/** Server, relay, client and upstream of one transcript. */
export class TranscriptFixture {
  readonly clock: ManualClock;
  readonly dialer = new MemoryDialer();
  readonly tokens = new FakeTokenSource();
  readonly portKind: PortKind;
  /** The extensions that the upstream offers. */
  readonly extensions: readonly string[];
  readonly events: SmtpEvent[] = [];
  readonly #options: Options;
  readonly #network = new MemoryNetwork();
  service!: SmtpService;
  client!: Inbox;
  /** Connections that reached the upstream, the newest last. */
  readonly upstreams: Inbox[] = [];

  /** @throws {TypeError} for an option or a value that does not exist. */
  constructor(options: Options, clock: ManualClock) {
    this.clock = clock;
    checkOptions(options);
    this.portKind = (options.get("port") ?? "plain") as PortKind;
    this.extensions = (options.get("extensions") ?? DEFAULT_EXTENSIONS).split(", ");
    this.tokens.failure = options.get("tokens") as FakeFailure | undefined;
    this.tokens.refreshFailure = options.get("refresh") as FakeFailure | undefined;
    this.#options = options;
  }

  /** The upstream's newest connection. */
  get upstream(): Inbox {
    const upstream = this.upstreams.at(-1);
    assert(upstream !== undefined, "there is no connection to the upstream");
    return upstream;
  }

  async start(): Promise<void> {
    const { portKind, dialer, tokens, clock } = this;
    const authenticator = authenticatorFor(this.#options);
    const allowance = new FakeAllowance();
    this.service = await startFakeService(
      [{ kind: portKind, host: "127.0.0.1", port: PORT }],
      {
        network: this.#network,
        dialer,
        clock,
        authenticator,
        addressBook: addressBookFor(this.#options, authenticator),
        tokens,
        explainRefusal: (reply) => `Explained: ${reply.text}`,
        allowance,
        observe: (event) => {
          this.events.push(event);
          allowance.observe(event);
        },
      },
      {
        missingHeaders: this.#options.has("missing-headers") ? "add" : "leave",
        poolLimits: withChanges(POOL_LIMITS, this.#options.get("pool-limits")),
        sessionLimits: withChanges(SESSION_LIMITS, this.#options.get("limits")),
      },
    );
    this.connectClient();
  }

  /** Connects a new client, which replaces the one before. */
  connectClient(): void {
    this.client = new Inbox(this.#network.connect(PORT));
  }

  /** Accepts our connection to the upstream. */
  acceptUpstream(): void {
    this.upstreams.push(new Inbox(this.dialer.accept()));
  }

  /** Closes all connections and checks that nothing is left. */
  async end(): Promise<void> {
    this.client.transport.close();
    for (const { transport } of this.upstreams) transport.close();
    while (this.dialer.destinations.length > 0) this.dialer.refuse();
    await settle();
    const stopped = this.service.stop(0);
    await this.clock.advance(1);
    assert.equal(this.service.connectionCount, 0, "a session does not end");
    await stopped;
    assert.equal(this.clock.timers, 0, "a timer goes on");
    const misuses = [this.client, ...this.upstreams].flatMap(({ transport }) => transport.misuses);
    assert.deepEqual(misuses, [], "the contract of Transport was broken");
  }
}

function checkOptions(options: Options): void {
  for (const [name, value] of options) {
    const values = OPTIONS.get(name);
    if (values === undefined) throw new TypeError(`there is no option ${name}`);
    if (!values.test(value)) throw new TypeError(`${name} can't be ${value}`);
  }
}

function authenticatorFor(options: Options): FakeAuthenticator {
  const authenticator = new FakeAuthenticator();
  authenticator.failure = options.get("authenticator") as FakeFailure | undefined;
  const tls = options.get("upstream-tls") === "implicit" ? "implicit" : "starttls";
  authenticator.account = {
    ...ANNA,
    target: { ...ANNA.target, tls },
    allowedSender: options.get("allowed-sender"),
    forcedSender: options.has("forced-sender"),
    allowedRecipients: options.get("allowed-recipients")?.split(" "),
    dailyLimit: options.has("daily-limit") ? Number(options.get("daily-limit")) : undefined,
  };
  return authenticator;
}

/** Returns an address book if the option is set. */
function addressBookFor(
  options: Options,
  { account, failure }: FakeAuthenticator,
): FakeAddressBook | undefined {
  const address = options.get("address");
  if (address === undefined) return undefined;
  return new FakeAddressBook(address === "known" ? account : undefined, failure);
}

/** Returns limits with changes like `name=number …`. */
function withChanges<T extends object>(defaults: T, text = ""): T {
  const changes = [...text.matchAll(/(\w+)=(\d+)/g)].map(([, name = "", value]) => {
    if (!Object.hasOwn(defaults, name)) throw new TypeError(`there is no limit ${name}`);
    return [name, Number(value)];
  });
  return { ...defaults, ...Object.fromEntries(changes) };
}
