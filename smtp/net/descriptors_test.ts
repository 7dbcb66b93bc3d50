import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";

const PROGRAM = fileURLToPath(new URL("../testing/few_descriptors.ts", import.meta.url));

/** The program needs about 25 for itself. */
const DESCRIPTOR_LIMIT = 64;

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const octets of stream) {
    const lines = (text + decoder.decode(octets, { stream: true })).split("\n");
    text = lines.pop()!;
    yield* lines;
  }
}

async function matchLine(
  lines: AsyncGenerator<string, undefined>,
  pattern: RegExp,
): Promise<RegExpExecArray> {
  for (;;) {
    const { value } = await lines.next();
    assert(value !== undefined, `the program ended without ${pattern}`);
    const match = pattern.exec(value);
    if (match !== null) return match;
  }
}

function connect(port: number): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

/** A port without descriptors is closed for a moment. */
function isBeingOpenedAgain(error: unknown): undefined {
  if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
}

/** Whether the port greets; it does not while it is closed, or when the connection is lost before. */
async function isGreeted(port: number): Promise<boolean> {
  try {
    using connection = await connect(port);
    return await connection.read(new Uint8Array(100)) !== null;
  } catch {
    return false;
  }
}

Deno.test({
  name: "D3: ports on each kind of socket accept again after the descriptors have run out",
  ignore: Deno.build.os === "windows",
  async fn() {
    const authority = await CertificateAuthority.create("test");
    const { cert, key } = await authority.issue({ names: ["localhost"] });
    const program = [Deno.execPath(), "run", "--allow-net=127.0.0.1", PROGRAM, cert, key];
    await using child = new Deno.Command("sh", {
      args: ["-c", `ulimit -n ${DESCRIPTOR_LIMIT}; exec "$@"`, "sh", ...program],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const lines = linesOf(child.stdout);
    const [, native] = await matchLine(lines, /^native (\d+)/);
    const [, node] = await matchLine(lines, /^node (\d+)/);
    const ports = [Number(node), Number(native)];
    const flood: Deno.TcpConn[] = [];
    for (const port of ports) {
      for (let count = 0; count < DESCRIPTOR_LIMIT; count++) {
        const connection = await connect(port).catch(isBeingOpenedAgain);
        if (connection !== undefined) flood.push(connection);
      }
    }
    await matchLine(lines, /^failure/);
    flood.forEach((connection) => connection.close());
    let ended = false;
    void child.status.then(() => ended = true);
    for (const port of ports) {
      while (!await isGreeted(port)) assert(!ended, "the program has ended");
    }
    child.kill();
    await lines.return(undefined);
  },
});

/** As many as wait for a port to accept them, at most. */
const BURST = 500;

Deno.test({
  name: "D3: a burst of clients that are turned away needs few descriptors",
  ignore: Deno.build.os === "windows",
  async fn() {
    const authority = await CertificateAuthority.create("test");
    const { cert, key } = await authority.issue({ names: ["localhost"] });
    const program = [Deno.execPath(), "run", "--allow-net=127.0.0.1", PROGRAM, cert, key, "away"];
    await using child = new Deno.Command("sh", {
      args: ["-c", `ulimit -n ${BURST / 2}; exec "$@"`, "sh", ...program],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const lines = linesOf(child.stdout);
    const [, native] = await matchLine(lines, /^native (\d+)/);
    await matchLine(lines, /^node/);
    child.kill("SIGSTOP");
    const flood = await Promise.all(Array.from({ length: BURST }, () => connect(Number(native))));
    child.kill("SIGCONT");
    for (const connection of flood) {
      assert.equal(await connection.read(new Uint8Array(100)), "220 hello\r\n".length);
      connection.close();
    }
    child.kill();
    const failures = (await Array.fromAsync(lines)).filter((line) => /Too many open/.test(line));
    assert.deepEqual(failures, []);
  },
});
