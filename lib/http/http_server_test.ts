import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { HttpServer, type HttpServerOptions } from "./http_server.ts";
import { SECURITY_HEADERS } from "./security_headers.ts";

const authority = await CertificateAuthority.create("Test authority");
const encoder = new TextEncoder();

type Changes = Partial<HttpServerOptions>;

/** A server, and what strangers do to it. */
class ServerFixture implements AsyncDisposable {
  private constructor(readonly server: HttpServer) {}

  static async open(changes: Changes = {}): Promise<ServerFixture> {
    const options = { hosts: ["127.0.0.1"], ports: [0], handler: () => new Response("hello") };
    return new ServerFixture(await HttpServer.open({ ...options, ...changes }));
  }

  get url(): string {
    return this.server.addresses[0]!;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Connects and sends something. */
  async send(text: string, localAddress = "127.0.0.1"): Promise<Deno.TcpConn> {
    const connection = await Deno.connect({ hostname: localAddress, port: this.port });
    await connection.write(encoder.encode(text));
    return connection;
  }

  /** Sends something and returns all that the server says until it closes. */
  async converse(text: string): Promise<string> {
    using connection = await this.send(text);
    return await readAll(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
  }
}

async function readAll(connection: Deno.Conn): Promise<string> {
  const chunk = new Uint8Array(1 << 16);
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const octets = await connection.read(chunk);
      if (octets === null) return text;
      text += decoder.decode(chunk.subarray(0, octets), { stream: true });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    return text;
  }
}

/** The name in the certificate that a server shows. */
async function shownName(port: number): Promise<string> {
  const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const name = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return String(name);
}

Deno.test("HttpServer serves on its addresses until it is stopped", async () => {
  const { server, url } = await ServerFixture.open();
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(await (await fetch(url)).text(), "hello");
  await server.stop();
  await assert.rejects(fetch(url));
});

Deno.test("HttpServer answers 500 where the handler fails", async () => {
  const handler = () => {
    throw new Error("secret detail");
  };
  await using fixture = await ServerFixture.open({ handler });
  const response = await fetch(fixture.url);
  assert.equal(response.status, 500);
  assert.equal(await response.text(), "Internal Server Error");
});

Deno.test("HttpServer hands requests on and answers as the handler wants", async () => {
  const handler = async (request: Request, { remoteAddr }: { remoteAddr: Deno.NetAddr }) => {
    const { pathname, search } = new URL(request.url);
    const text = [request.method, pathname, search, await request.text(), remoteAddr.hostname];
    const headers = new Headers({ "x-seen": request.headers.get("x-sent") ?? "" });
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    return new Response(text.join(" "), { status: 201, headers });
  };
  await using fixture = await ServerFixture.open({ handler });
  const url = `${fixture.url}//path?x=1`;
  const response = await fetch(url, { method: "POST", body: "body", headers: { "x-sent": "y" } });
  assert.equal(response.status, 201);
  assert.equal(await response.text(), "POST //path ?x=1 body 127.0.0.1");
  assert.equal(response.headers.get("x-seen"), "y");
  assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
});

Deno.test("HttpServer compresses text for whoever takes it, and weakens the tag", async () => {
  const headers = { "content-type": "text/css", etag: '"1"' };
  const handler = () => new Response("a".repeat(10_000), { headers });
  await using fixture = await ServerFixture.open({ handler });
  const ask = (accepted: string) =>
    fixture.converse(
      `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: ${accepted}\r\n\r\n`,
    );
  for (const accepted of ["gzip, deflate, br, zstd", "*", "gzip;q=0, br"]) {
    assert.match(await ask(accepted), /\r\ncontent-encoding: br\r\n/i);
  }
  const zipped = await ask("br;q=0, gzip;q=0.5");
  assert.match(zipped, /\r\ncontent-encoding: gzip\r\n/i);
  assert.match(zipped, /\r\netag: W\/"1"\r\n/i);
  assert.match(zipped, /\r\nvary: accept-encoding\r\n/i);
  assert(zipped.length < 1_000);
  assert.match(await ask("gzip;q=0"), /\r\ncontent-length: 10000\r\n/i);
});

Deno.test("HttpServer sends a table while it is made, compressed for whoever takes that", async () => {
  const isRead = Promise.withResolvers<void>();
  const rows = async function* () {
    yield "a,b\r\n".repeat(30_000);
    await isRead.promise;
    yield "the end\r\n";
  };
  const headers = { "content-type": "text/csv" };
  const handler = () =>
    new Response(ReadableStream.from(rows()).pipeThrough(new TextEncoderStream()), { headers });
  await using fixture = await ServerFixture.open({ handler });
  const first = await fetch(fixture.url, { headers: { "accept-encoding": "identity" } });
  const reader = first.body!.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader.read()).value!, /^a,b\r\n/);
  isRead.resolve();
  let text = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
  assert.match(text, /the end\r\n$/);
  const zipped = await fetch(fixture.url, { headers: { "accept-encoding": "gzip" } });
  assert.equal(zipped.headers.get("vary"), "accept-encoding");
  assert.match(await zipped.text(), /^a,b\r\n[^]*the end\r\n$/);
});

Deno.test("HttpServer streams events, and tells their source when the reader goes", async () => {
  const cancelled = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode("data: 1\n\n")),
    cancel: () => cancelled.resolve(),
  });
  const headers = { "content-type": "text/event-stream" };
  await using fixture = await ServerFixture.open({
    handler: () => new Response(body, { headers }),
  });
  const reader = (await fetch(fixture.url)).body!.getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value), "data: 1\n\n");
  await reader.cancel();
  await cancelled.promise;
});

Deno.test("HttpServer takes another certificate without closing the port", async () => {
  const pair = await authority.issue({ names: ["first.example"] });
  await using fixture = await ServerFixture.open({ pair });
  const { port } = fixture;
  assert.equal(await shownName(port), "first.example");
  const open = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(open, "secureConnect");
  fixture.server.useCertificate(await authority.issue({ names: ["second.example"] }));
  assert.equal(await shownName(port), "second.example");
  open.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const [answer] = await once(open, "data");
  assert.match(String(answer), /^HTTP\/1\.1 200 /);
  open.destroy();
});

Deno.test("HttpServer loses no request while certificates are replaced", async () => {
  const pairs = await Promise.all(
    Array.from({ length: 8 }, () => authority.issue({ names: ["localhost"] })),
  );
  await using fixture = await ServerFixture.open({ pair: pairs[0] });
  using client = Deno.createHttpClient({ caCerts: [authority.certificate], poolMaxIdlePerHost: 0 });
  const url = `https://localhost:${fixture.port}`;
  const ask = async () => await (await fetch(url, { client })).text();
  const answers: Promise<string>[] = [];
  for (const pair of pairs) {
    answers.push(...Array.from({ length: 10 }, ask));
    fixture.server.useCertificate(pair);
    answers.push(...Array.from({ length: 10 }, ask));
    await answers.at(-1);
  }
  assert.deepEqual(new Set(await Promise.all(answers)), new Set(["hello"]));
});

const SHORT = {
  headerMs: 100,
  requestMs: 200,
  keepAliveMs: 100,
  handshakeMs: 100,
  stallMs: 100,
  lingerMs: 100,
};

/** By what a client sends and then never goes on with. */
const STALLED: Readonly<Record<string, readonly [sent: string, answer: RegExp]>> = {
  "nothing at all": ["", /^$/],
  "a header without an end": ["GET / HTTP/1.1\r\nHost: a\r\nX: ", /^HTTP\/1\.1 408 /],
  "a body without an end": [
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx",
    /^HTTP\/1\.1 408 /,
  ],
  "no second request": ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", /^HTTP\/1\.1 200 [^]*hello$/],
};

for (const [name, [sent, answer]] of Object.entries(STALLED)) {
  Deno.test(`W10: HttpServer closes a connection that sends ${name}`, async () => {
    await using fixture = await ServerFixture.open({ limits: SHORT });
    assert.match(await fixture.converse(sent), answer);
  });
}

Deno.test("W10: HttpServer closes a connection that trickles its header", async () => {
  await using fixture = await ServerFixture.open({ limits: SHORT });
  using connection = await fixture.send("GET / HTTP/1.1\r\nHost: a\r\n");
  const trickle = setInterval(() => {
    connection.write(encoder.encode("X: y\r\n")).catch(() => clearInterval(trickle));
  }, 20);
  assert.match(await readAll(connection), /^(HTTP\/1\.1 408 [^]*)?$/);
  clearInterval(trickle);
});

Deno.test("W10: HttpServer lets clients that do not read their answers make room", async () => {
  const handler = ({ url }: Request) =>
    new Response(url.endsWith("/large") ? new Uint8Array(32 << 20) : "hello");
  await using fixture = await ServerFixture.open({ handler, limits: { connectionCount: 3 } });
  const flood: Deno.TcpConn[] = [];
  for (let count = 0; count < 3; count++) {
    const connection = await fixture.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    await connection.read(new Uint8Array(1));
    flood.push(connection);
  }
  assert.equal(await (await fetch(fixture.url)).text(), "hello");
  flood.forEach((connection) => connection.close());
});

Deno.test("W10: HttpServer closes a connection that does not finish its TLS handshake", async () => {
  const pair = await authority.issue({ names: ["first.example"] });
  await using fixture = await ServerFixture.open({ pair, limits: SHORT });
  assert.equal(await fixture.converse("\x16"), "");
});

Deno.test("W10: HttpServer cuts off a client that does not read its answer", async () => {
  const left = Promise.withResolvers<void>();
  const piece = new Uint8Array(1 << 20);
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(piece),
    cancel: () => left.resolve(),
  });
  const headers = { "content-type": "text/event-stream" };
  const handler = () => new Response(body, { headers });
  // The other limits stay long: a slow machine must not close the connection before it asks.
  await using fixture = await ServerFixture.open({ handler, limits: { stallMs: SHORT.stallMs } });
  using _connection = await fixture.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await left.promise;
});

Deno.test("W10: HttpServer refuses a large request with 413 and closes", async () => {
  const seen: string[] = [];
  const handler = ({ url }: Request) => {
    seen.push(url);
    return new Response();
  };
  await using fixture = await ServerFixture.open({ handler, limits: { bodyOctets: 10 } });
  const sent = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n${"x".repeat(11)}`;
  assert.match(await fixture.converse(sent), /^HTTP\/1\.1 413 [^]*connection: close/i);
  assert.deepEqual(seen, []);
});

const GOOD = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/** By name, requests that are refused while the client is still sending; each ends on its own. */
const LARGE: Readonly<Record<string, readonly [head: string, status: number]>> = {
  "a body": ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n", 413],
  "a body of another host": [
    "POST / HTTP/1.1\r\nHost: a b\r\nContent-Length: 8000000\r\n\r\n",
    400,
  ],
  "a header": ["GET / HTTP/1.1\r\nHost: a\r\nX: ", 431],
};

for (const [name, [head, status]] of Object.entries(LARGE)) {
  Deno.test(`W10: HttpServer lets whoever sends ${name} of 8 MB finish, and read why it is refused`, async () => {
    await using fixture = await ServerFixture.open();
    const socket = connect(fixture.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (piece) => answer += piece);
    socket.write(head);
    const octets = new Uint8Array(8_000_000).fill(0x78);
    await new Promise<void>((resolve) => socket.end(octets, resolve));
    await once(socket, "close");
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} [^]*connection: close[^]*\\w$`, "i"));
    assert.equal(answer.match(/HTTP\/1/g)?.length, 1);
  });
}

const NUMBERED = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** By name, what comes in one packet, and how many of the requests in it are answered before the end. */
const PIPELINED: Readonly<Record<string, readonly [sent: string, answered: number]>> = {
  "as many requests as may wait": [NUMBERED.repeat(15) + GOOD, 16],
  "a hundred requests": [NUMBERED.repeat(100), 16],
  "requests, and then something else": [`${NUMBERED.repeat(3)}HELO there\r\n\r\n`, 3],
  "requests, and then CONNECT": [`${NUMBERED.repeat(3)}CONNECT a:25 HTTP/1.1\r\n\r\n`, 3],
};

for (const [name, [sent, answered]] of Object.entries(PIPELINED)) {
  Deno.test(`W10: HttpServer answers in order and closes: ${name} in one packet`, async () => {
    let running = 0;
    let count = 0;
    const handler = async () => {
      const number = ++count;
      assert.equal(++running, 1);
      await new Promise((resolve) => setTimeout(resolve));
      running--;
      return new Response(`[${number}]`);
    };
    await using fixture = await ServerFixture.open({ handler });
    const answer = await fixture.converse(sent);
    const numbers = [...answer.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number));
    assert.deepEqual(numbers, Array.from({ length: answered }, (_, index) => index + 1));
    assert.equal(count, answered);
  });
}

Deno.test("W10: HttpServer is not held up by thousands of requests of a client that leaves", async () => {
  await using fixture = await ServerFixture.open();
  const before = Error.prepareStackTrace;
  let stacks = 0;
  Error.prepareStackTrace = (error) => `${error} ${stacks++}`;
  try {
    const connection = await fixture.send("GET / HTTP/1.1\r\n\r\n".repeat(3_000));
    assert.match(await readAll(connection), /^HTTP\/1\.1 429 [^]*connection: close[^]*Requests$/i);
    connection.close();
    assert.equal(await (await fetch(fixture.url)).text(), "hello");
  } finally {
    Error.prepareStackTrace = before;
  }
  assert(stacks < 100, `${stacks} errors were made`);
});

Deno.test("W10: HttpServer answers 431 to a header with more lines than any browser sends", async () => {
  await using fixture = await ServerFixture.open();
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) => `x${index}: y\r\n`).join("");
  const ask = (count: number) =>
    fixture.converse(GOOD.replace("\r\n\r\n", `\r\n${lines(count)}\r\n`));
  assert.match(await ask(98), /^HTTP\/1\.1 200 /);
  assert.match(await ask(99), /^HTTP\/1\.1 431 [^]*content-security-policy: /i);
});

Deno.test("HttpServer answers 400 to CONNECT", async () => {
  await using fixture = await ServerFixture.open();
  assert.match(
    await fixture.converse("CONNECT a.example:25 HTTP/1.1\r\nHost: a\r\n\r\n"),
    /^HTTP\/1\.1 400 /,
  );
});

Deno.test("W10: HttpServer lets the oldest idle connection make room for a new one", async () => {
  const limits = { connectionCountPerNetwork: 100, connectionCount: 3 };
  await using fixture = await ServerFixture.open({ limits });
  const flood: Deno.TcpConn[] = [];
  for (let count = 0; count < 30; count++) flood.push(await fixture.send(""));
  assert.equal(await (await fetch(fixture.url)).text(), "hello");
  assert.equal(await readAll(flood[0]!), "");
  flood.forEach((connection) => connection.close());
});

/** Requests that are no requests. */
const BAD: Readonly<Record<string, string>> = {
  "a path in its Host": "GET /a HTTP/1.1\r\nHost: site.example/b\r\n\r\n",
  "a query in its Host": "GET /a HTTP/1.1\r\nHost: site.example?b\r\n\r\n",
  "a user in its Host": "GET /a HTTP/1.1\r\nHost: user@site.example\r\n\r\n",
  "spaces in its Host": "GET /a HTTP/1.1\r\nHost: a b\r\n\r\n",
  "an empty Host": "GET /a HTTP/1.1\r\nHost:\r\n\r\n",
  "no Host": "GET /a HTTP/1.1\r\n\r\n",
  "two Hosts": "GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
  "an impossible port": "GET /a HTTP/1.1\r\nHost: a:99999\r\n\r\n",
  "an impossible address": "GET /a HTTP/1.1\r\nHost: [::g]\r\n\r\n",
  "an impossible host in its target": "GET http://a:b@c/d HTTP/1.1\r\nHost: a\r\n\r\n",
  "no path": "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
  "another protocol": "HELO there\r\n\r\n",
  "two lengths":
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
};

Deno.test("W10: HttpServer answers 413 to a length that is too large, without waiting for the body", async () => {
  await using fixture = await ServerFixture.open({ limits: { lingerMs: SHORT.lingerMs } });
  const sent = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999\r\n\r\n";
  assert.match(await fixture.converse(sent), /^HTTP\/1\.1 413 [^]*content-security-policy: /i);
});

Deno.test("W2: HttpServer answers 417 with all headers to an expectation that it does not know", async () => {
  await using fixture = await ServerFixture.open();
  const sent = "GET / HTTP/1.1\r\nHost: a\r\nExpect: a pony\r\n\r\n";
  assert.match(await fixture.converse(sent), /^HTTP\/1\.1 417 [^]*content-security-policy: /i);
});

for (const [name, sent] of Object.entries(BAD)) {
  Deno.test(`W2: HttpServer answers 400 with all headers to a request with ${name}`, async () => {
    const seen: string[] = [];
    const handler = ({ url }: Request) => {
      seen.push(url);
      return new Response();
    };
    await using fixture = await ServerFixture.open({ handler });
    const answer = await fixture.converse(sent);
    assert.match(answer, /^HTTP\/1\.1 400 /);
    for (const [header, value] of Object.entries(SECURITY_HEADERS)) {
      assert(answer.toLowerCase().includes(`\r\n${header}: ${value.toLowerCase()}\r\n`), header);
    }
    assert.deepEqual(seen, [], "no page is asked");
    assert.match(await fixture.converse(GOOD), /^HTTP\/1\.1 200 /);
  });
}

Deno.test("HttpServer answers HTTP/1.0 without a Host, and a whole address as target", async () => {
  const handler = ({ url }: Request) => new Response(url);
  await using fixture = await ServerFixture.open({ handler });
  assert.match(
    await fixture.converse("GET /a HTTP/1.0\r\n\r\n"),
    new RegExp(`${fixture.url}/a$`),
  );
  assert.match(
    await fixture.converse(
      "GET http://other.example/b HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\n\r\n",
    ),
    /http:\/\/site\.example\/b$/,
  );
});
