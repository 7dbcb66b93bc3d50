/**
 * Server-sent events (HTML Standard, section 9.2).
 *
 * @module
 */
const encoder = new TextEncoder();

/** Returns a response with events. No proxy may keep, change or hold them back. */
export function eventStream(body: ReadableStream<Uint8Array<ArrayBuffer>>): Response {
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    },
  });
}

/** Sends each item as an event. When the reader goes away, the generator is told to end. */
export function eventsOf(
  items: AsyncGenerator<unknown, void, void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await items.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`data: ${JSON.stringify(value)}\n\n`));
    },
    async cancel() {
      await items.return();
    },
  });
}
