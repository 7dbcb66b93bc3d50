/**
 * Tells open pages of new deliveries: one look at the database a second, however many pages are open.
 *
 * @module
 */
import { type Clock, MINUTE_MS, SECOND_MS, type Timer } from "../base/mod.ts";
import type { Delivery, DeliveryQuery, DeliveryStore } from "../store/mod.ts";

/** A page that waits for news. */
export interface LiveRequest {
  readonly accountId: string;
  /** The newest delivery that the page shows. */
  readonly afterId: number;
  readonly filter: Omit<DeliveryQuery, "accountId" | "afterId" | "beforeId" | "limit">;
  /** Whether the reader is still signed in; asked once a second, and before anything is sent. */
  isAuthorized(): Promise<boolean>;
  /** New deliveries as text of an event. */
  format(deliveries: readonly Delivery[]): string;
}

/** Options of {@linkcode LiveDeliveries}. */
export interface LiveDeliveriesOptions {
  readonly deliveries: Pick<DeliveryStore, "list">;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

const POLL_INTERVAL_MS = SECOND_MS;
/** Proxies close connections on which nothing happens for a minute. */
const HEARTBEAT_INTERVAL_MS = 20 * SECOND_MS;
/** Browsers connect again by themselves, and have to show then that they are still signed in. */
const STREAM_LIFETIME_MS = 10 * MINUTE_MS;
/** Windows that one person may have open. */
export const STREAMS_PER_ACCOUNT = 6;
/** Deliveries that one event carries at most; a page shows no more. */
const EVENT_LIMIT = 50;
/** Enough to find out whose deliveries are new, also on a busy server. */
const POLL_LIMIT = 1000;
/** Events that may wait for a reader who does not read. */
const QUEUE_LIMIT = 16;

export class LiveDeliveries {
  readonly #options: LiveDeliveriesOptions;
  readonly #streams = new Set<LiveStream>();
  #newestId = 0;
  #timer: Timer | undefined;

  constructor(options: LiveDeliveriesOptions) {
    this.#options = options;
  }

  /** The streams that are open. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /** Opens a body of `text/event-stream`; undefined when the account has too many already. */
  open(request: LiveRequest): ReadableStream<Uint8Array<ArrayBuffer>> | undefined {
    const count = [...this.#streams].filter((one) => one.accountId === request.accountId).length;
    if (count >= STREAMS_PER_ACCOUNT) return undefined;
    const stream = new LiveStream(request, this.#options, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    this.#timer ??= this.#options.clock.setTimer(0, () => void this.#poll());
    return stream.body;
  }

  /** Ends the streams of an account whose readers have signed out. */
  async recheck(accountId: string): Promise<void> {
    const streams = [...this.#streams].filter((one) => one.accountId === accountId);
    await Promise.all(streams.map((stream) => stream.endUnlessAuthorized()))
      .catch(this.#options.onError);
  }

  /** Ends all streams, for a stop of the program. Browsers connect again. */
  close(): void {
    for (const stream of this.#streams) stream.end();
  }

  async #poll(): Promise<void> {
    const { clock, deliveries, onError } = this.#options;
    try {
      // The first look only learns where the news begins: every stream looks for itself then.
      const limit = this.#newestId === 0 ? 1 : POLL_LIMIT;
      const news = await deliveries.list({ afterId: this.#newestId, limit });
      this.#newestId = news[0]?.id ?? this.#newestId;
      const accountIds = new Set(news.map(({ accountId }) => accountId));
      await Promise.all([...this.#streams].map((stream) => stream.tell(accountIds)));
    } catch (error) {
      onError(error);
    }
    const again = this.#streams.size > 0;
    this.#timer = again ? clock.setTimer(POLL_INTERVAL_MS, () => void this.#poll()) : undefined;
  }
}

/** One open page. */
class LiveStream {
  readonly accountId: string;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #request: LiveRequest;
  readonly #options: LiveDeliveriesOptions;
  readonly #onEnd: () => void;
  readonly #openedAtMs: number;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #newestId: number;
  #sentAtMs: number;
  /** There may be something that the page does not know. */
  #hasNews = true;
  #ended = false;

  constructor(request: LiveRequest, options: LiveDeliveriesOptions, onEnd: () => void) {
    this.accountId = request.accountId;
    this.#request = request;
    this.#options = options;
    this.#onEnd = onEnd;
    this.#newestId = request.afterId;
    this.#openedAtMs = this.#sentAtMs = options.clock.now();
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.#ended = true;
        this.#onEnd();
      },
    }, new CountQueuingStrategy({ highWaterMark: QUEUE_LIMIT }));
    this.#send(": hello\n\n");
  }

  /** Sends what is new, or a sign of life. @param accountIds Who has new deliveries. */
  async tell(accountIds: ReadonlySet<string>): Promise<void> {
    const nowMs = this.#options.clock.now();
    if (accountIds.has(this.accountId)) this.#hasNews = true;
    const isQuiet = nowMs - this.#sentAtMs >= HEARTBEAT_INTERVAL_MS;
    if (nowMs - this.#openedAtMs >= STREAM_LIFETIME_MS) return this.end();
    if (!await this.endUnlessAuthorized()) return;
    if (!this.#hasNews && !isQuiet) return;
    if (this.#hasNews) await this.#sendNews();
    else this.#send(": still here\n\n");
  }

  /** Returns false if it has ended. */
  async endUnlessAuthorized(): Promise<boolean> {
    if (!await this.#request.isAuthorized()) this.end();
    return !this.#ended;
  }

  async #sendNews(): Promise<void> {
    const { accountId, filter, format } = this.#request;
    const afterId = this.#newestId;
    const query = { ...filter, accountId, afterId, limit: EVENT_LIMIT };
    const news = await this.#options.deliveries.list(query);
    this.#hasNews = false;
    const [newest] = news;
    if (!newest) return;
    this.#newestId = newest.id;
    this.#send(`id: ${newest.id}\ndata: ${format(news)}\n\n`);
  }

  /** A reader who has gone is noticed by `cancel`, one who does not read by the queue. */
  #send(text: string): void {
    if (this.#ended) return;
    if ((this.#controller.desiredSize ?? 0) <= 0) return this.end();
    this.#sentAtMs = this.#options.clock.now();
    this.#controller.enqueue(new TextEncoder().encode(text));
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
    this.#controller.close();
  }
}
