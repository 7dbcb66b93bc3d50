/**
 * Calls between two threads.
 *
 * @module
 */
import { LoginError, type LoginFailure } from "../backend.ts";

/** One end of the way between two threads: a `Worker`, or the global scope of one. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

/** What one side offers to the other. Arguments and results have to be plain data. */
// deno-lint-ignore no-explicit-any -- any function fits, whatever its arguments are.
type Methods<T> = { readonly [Name in keyof T]: (...args: any[]) => unknown };

type Offer = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

type Call = {
  readonly method: string;
  readonly args: readonly unknown[];
  /** Absent where no answer is wanted. */
  readonly id?: number;
};
type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: PortableError };
type Message = Call | Answer;

/** An error on its way: the copy of one loses its class. */
interface PortableError {
  readonly error: unknown;
  /** Present when it was a {@linkcode LoginError}. */
  readonly login?: { readonly failure: LoginFailure; readonly publicText: string };
}

/** Calls methods of the other side, and answers its calls. */
export class Channel<Remote extends Methods<Remote>> {
  readonly #port: Port;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  /** What leaves together at the end of this tick: to wake the other side costs more than to say a word more. */
  #outbox: Message[] = [];
  #lastId = 0;
  #failure: Error | undefined;

  /** @param offer What the other side may call. */
  constructor(port: Port, offer: Methods<unknown>) {
    this.#port = port;
    port.addEventListener("message", ({ data }: MessageEvent<readonly Message[]>) => {
      for (const message of data) {
        if ("method" in message) this.#serve(message, offer as Offer);
        else this.#settle(message);
      }
    });
  }

  /** Calls a method and waits for its result. @throws what it throws. */
  call<Name extends keyof Remote & string>(
    method: Name,
    ...args: Parameters<Remote[Name]>
  ): Promise<Awaited<ReturnType<Remote[Name]>>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = ++this.#lastId;
    const pending = Promise.withResolvers<unknown>();
    this.#pending.set(id, pending);
    this.#post({ method, args, id });
    return pending.promise as Promise<Awaited<ReturnType<Remote[Name]>>>;
  }

  /** Calls a method whose result does not matter. Calls arrive in the order in which they were made. */
  tell<Name extends keyof Remote & string>(
    method: Name,
    ...args: Parameters<Remote[Name]>
  ): void {
    this.#post({ method, args });
  }

  /** The other side is gone: no call will ever be answered. */
  fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #post(message: Message): void {
    this.#outbox.push(message);
    if (this.#outbox.length === 1) queueMicrotask(() => this.#port.postMessage(this.#takeOutbox()));
  }

  #takeOutbox(): readonly Message[] {
    const messages = this.#outbox;
    this.#outbox = [];
    return messages;
  }

  #serve({ method, args, id }: Call, offer: Offer): void {
    const work = invoke(offer, method, args);
    if (id !== undefined) this.#answer(id, work);
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ("error" in answer) pending?.reject(revive(answer.error));
    else pending?.resolve(answer.value);
  }

  async #answer(id: number, work: Promise<unknown>): Promise<void> {
    let answer: Answer;
    try {
      answer = { id, value: await work };
    } catch (error) {
      answer = { id, error: portable(error) };
    }
    this.#post(answer);
  }
}

// deno-lint-ignore require-await -- what is thrown at once has to be a rejection, too.
async function invoke(offer: Offer, method: string, args: readonly unknown[]): Promise<unknown> {
  return offer[method]!(...args);
}

function portable(error: unknown): PortableError {
  if (!(error instanceof LoginError)) return { error: portableCause(error) };
  const { failure, publicText, cause } = error;
  return { error: portableCause(cause), login: { failure, publicText } };
}

function revive({ error, login }: PortableError): unknown {
  return login === undefined
    ? error
    : new LoginError(login.failure, login.publicText, { cause: error });
}

/** What is left of an error in another thread: its message, its stack, and those of its causes. */
export function portableCause(error: unknown): unknown {
  if (!(error instanceof Error)) return error === undefined ? undefined : String(error);
  const { message, name, stack, cause } = error;
  const options = cause === undefined ? undefined : { cause: portableCause(cause) };
  return Object.assign(new Error(message === "" ? name : message, options), { stack });
}
