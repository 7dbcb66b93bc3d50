import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./testing/few_descriptors.ts", import.meta.url));

/** The program needs about 25 for itself. */
const DESCRIPTOR_LIMIT = 64;

async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    assert(!done, "the program has ended");
    text += value;
  }
  return text.trim();
}

/** Whether the server answers within a second. */
async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return await response.text() === "hello";
  } catch {
    return false;
  }
}

Deno.test({
  name: "D3, W10: HttpServer accepts again after the descriptors have run out",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using child = new Deno.Command("sh", {
      args: [
        ...["-c", `ulimit -n ${DESCRIPTOR_LIMIT}; exec "$@"`, "sh"],
        ...[Deno.execPath(), "run", "--quiet", "--allow-net=127.0.0.1", PROGRAM],
      ],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    let ended = false;
    child.status.then(() => ended = true);
    const url = await firstLine(child.stdout);
    const port = Number(new URL(url).port);
    const flood: Deno.TcpConn[] = [];
    for (let count = 0; count < 2 * DESCRIPTOR_LIMIT; count++) {
      flood.push(await Deno.connect({ hostname: "127.0.0.1", port }));
    }
    assert(!await answers(url), "there are no descriptors");
    flood.forEach((connection) => connection.close());
    while (!await answers(url)) assert(!ended, "the program has ended");
    child.kill();
  },
});
