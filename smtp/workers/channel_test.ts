import assert from "node:assert/strict";
import { LoginError } from "../backend.ts";
import { Channel, portableCause } from "./channel.ts";

/** What one side offers in these tests. */
interface Offer {
  double(number: number): number;
  echo(text: string): Promise<string>;
  note(text: string): void;
  fail(error: unknown): void;
}

class Pair implements Disposable {
  readonly #ports = new MessageChannel();
  readonly notes: string[] = [];
  readonly channel: Channel<Offer>;
  /** How often one side has woken the other. */
  packetCount = 0;

  constructor() {
    const { port1, port2 } = this.#ports;
    const offer: Offer = {
      double: (number) => 2 * number,
      echo: (text) => Promise.resolve(text),
      note: (text) => void this.notes.push(text),
      fail: (error) => {
        throw error;
      },
    };
    port2.addEventListener("message", () => this.packetCount++);
    new Channel<Record<never, never>>(port2, offer);
    this.channel = new Channel<Offer>(port1, {});
    port1.start();
    port2.start();
  }

  [Symbol.dispose](): void {
    this.#ports.port1.close();
  }
}

Deno.test("Channel.call() gives the result, whether it is there at once or later", async () => {
  using pair = new Pair();
  const results = await Promise.all([
    pair.channel.call("double", 21),
    pair.channel.call("echo", "hello"),
  ]);
  assert.deepEqual(results, [42, "hello"]);
});

Deno.test("Channel keeps the order, and sends together what is said in one tick", async () => {
  using pair = new Pair();
  for (const text of ["a", "b", "c"]) pair.channel.tell("note", text);
  await pair.channel.call("echo", "done");
  assert.deepEqual(pair.notes, ["a", "b", "c"]);
  assert.equal(pair.packetCount, 1);
});

Deno.test("Channel.call() rejects with what the other side has thrown", async () => {
  using pair = new Pair();
  const error = new Error("outer", { cause: new Error("inner") });
  await assert.rejects(pair.channel.call("fail", error), (caught: Error) => {
    assert.equal(caught.message, "outer");
    assert.equal((caught.cause as Error).message, "inner");
    return true;
  });
});

Deno.test("Channel.call() rejects with a LoginError, its public text apart from its cause", async () => {
  const offer = {
    fail: () => {
      throw new LoginError("sign-in-required", "sign in", { cause: new Error("private") });
    },
  };
  const { port1, port2 } = new MessageChannel();
  new Channel<Record<never, never>>(port2, offer);
  const channel = new Channel<typeof offer>(port1, {});
  port1.start();
  port2.start();
  await assert.rejects(channel.call("fail"), (error) => {
    assert(error instanceof LoginError);
    assert.deepEqual([error.failure, error.publicText], ["sign-in-required", "sign in"]);
    assert.equal((error.cause as Error).message, "private");
    return true;
  });
  port1.close();
});

Deno.test("Channel.fail() rejects what is pending and what is called later", async () => {
  using pair = new Pair();
  const pending = pair.channel.call("echo", "hello");
  pair.channel.fail(new Error("gone"));
  await assert.rejects(pending, /gone/);
  await assert.rejects(pair.channel.call("echo", "hello"), /gone/);
});

Deno.test("portableCause() keeps messages and the stack, and nothing that cannot be handed over", () => {
  const error = Object.assign(new Error("outer", { cause: new TypeError("") }), { tell: () => {} });
  const portable = structuredClone(portableCause(error)) as Error;
  assert.equal(portable.message, "outer");
  assert.equal(portable.stack, error.stack);
  assert.equal((portable.cause as Error).message, "TypeError");
  assert.equal(portableCause({ toString: () => "text" }), "text");
  assert.equal(portableCause(undefined), undefined);
});
