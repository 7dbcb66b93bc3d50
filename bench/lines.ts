/**
 * Text as lines: how the processes of the benchmark talk to each other.
 *
 * @module
 */

/** Cuts octets into lines of text, without their ends. */
export class TextLineStream implements TransformStream<Uint8Array, string> {
  readonly readable: ReadableStream<string>;
  readonly writable: WritableStream<Uint8Array>;

  constructor() {
    let rest = "";
    const decoder = new TextDecoder();
    const { readable, writable } = new TransformStream<Uint8Array, string>({
      transform(octets, controller) {
        const lines = (rest + decoder.decode(octets, { stream: true })).split("\n");
        rest = lines.pop()!;
        for (const line of lines) controller.enqueue(line);
      },
    });
    this.readable = readable;
    this.writable = writable;
  }
}
