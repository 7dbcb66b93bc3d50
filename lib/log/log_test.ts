import assert from "node:assert/strict";
import { configureLogging, getLogger, LineWriter, type LoggingOptions } from "./log.ts";
import { Secret } from "../base/secret.ts";

/** The lines that are logged, with the time replaced by `TIME`. */
function logged(run: () => void, options: Partial<LoggingOptions> = {}): string[] {
  const lines: string[] = [];
  configureLogging({
    format: "text",
    level: "info",
    write: (line) => lines.push(line.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, "TIME")),
    ...options,
  });
  run();
  return lines;
}

const log = getLogger("test");

Deno.test("text format: time, level, message, pairs", () => {
  const lines = logged(() => {
    log.info("message delivered", {
      session: "5f3c",
      octets: 1024,
      reply: "250 2.0.0 OK",
      queueId: undefined,
      recipients: ["a@example.com"],
    });
    log.warning("slow");
  });
  assert.deepEqual(lines, [
    'TIME INFO    message delivered session=5f3c octets=1024 reply="250 2.0.0 OK" ' +
    'recipients=["a@example.com"]',
    "TIME WARNING slow",
  ]);
});

Deno.test("json format: one object a line, whose own fields cannot be forged", () => {
  const [line] = logged(
    () => log.error("sign-in refused", { account: { id: 7 }, level: "info", time: "never" }),
    { format: "json" },
  );
  assert.deepEqual(JSON.parse(line!), {
    time: "TIME",
    level: "error",
    category: "proxy.test",
    message: "sign-in refused",
    account: { id: 7 },
  });
});

Deno.test("configureLogging() drops what is below the level, and can be called again", () => {
  const run = () => {
    log.debug("debug");
    log.info("info");
    log.error("error");
  };
  assert.deepEqual(logged(run, { level: "error" }), ["TIME ERROR   error"]);
  assert.equal(logged(run, { level: "debug" }).length, 3);
});

Deno.test("a line that cannot be written stops nothing and is tried once", () => {
  const lines: string[] = [];
  const write = (line: string) => {
    lines.push(line);
    throw new Error("disk full");
  };
  logged(() => log.info("lost"), { write });
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /lost$/);
});

Deno.test("S22: control characters are escaped in both formats", () => {
  const hostile = "evil\r\nTIME INFO    forged\x1b[2J\x7f\x9b\u2028\u202e\u{e0001}";
  const run = () => log.info("greeted", { helo: hostile, "na\nme": "x\t" });
  for (const format of ["text", "json"] as const) {
    const lines = logged(run, { format });
    assert.equal(lines.length, 1);
    assert.doesNotMatch(lines[0]!, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
    assert.match(lines[0]!, /evil\\r\\nTIME INFO {4}forged\\u001b\[2J\\u007f\\u009b\\u2028\\u202e/);
  }
  const [json] = logged(run, { format: "json" });
  assert.equal(JSON.parse(json!).helo, hostile);
});

Deno.test("K1: a Secret shows nothing, however it is turned into text", () => {
  const secret = new Secret("hunter2");
  const texts = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    Deno.inspect({ secret }, { showHidden: true, depth: 9 }),
    ...logged(() => log.info("value", { value: secret, list: [secret], nested: { secret } })),
  ];
  for (const text of texts) {
    assert.doesNotMatch(text, /hunter2/);
    assert.match(text, /\[secret\]/);
  }
  assert.equal(secret.reveal(), "hunter2");
});

Deno.test("K1: properties with the name of a secret are masked at any depth", () => {
  const names = ["password", "appPassword", "accessToken", "refresh_token", "client_secret", "code"]
    .concat(["Authorization", "set-cookie", "cookie", "code_verifier", "deviceCode", "secrets"]);
  for (const name of names) {
    const [line] = logged(() =>
      log.info("event", { request: [{ headers: { [name]: "hunter2" } }] })
    );
    assert.match(line!, /\[secret\]/, name);
    assert.doesNotMatch(line!, /hunter2/, name);
  }
});

Deno.test("K1: properties that only sound like secrets are shown", () => {
  const shown = { appPasswordId: "ap1", code: 550, enhancedCode: "5.7.8", tokenExpiry: "soon" };
  const [line] = logged(() => log.info("event", shown));
  assert.equal(
    line,
    "TIME INFO    event appPasswordId=ap1 code=550 enhancedCode=5.7.8 tokenExpiry=soon",
  );
});

Deno.test("K1: secrets inside text, errors and their causes are masked", () => {
  const texts = [
    "GET /auth?code=hunter2&state=1",
    "grant_type=refresh_token&refresh_token=hunter2",
    '{"access_token": "hunter2", "expires_in": 3600}',
    '{"client_secret":"a\\"hunter2"}',
    "user=a@example.com auth=Bearer hunter2",
    "Authorization: Basic hunter2==",
    "token eyJhbGciOi.hunter2.c2ln",
  ];
  for (const text of texts) {
    const error = new Error("outer", { cause: new Error(text) });
    const lines = logged(() =>
      log.error("failed", { text, error, url: new URL("https://a.example/?code=hunter2") })
    );
    assert.equal(lines.length, 1);
    assert.doesNotMatch(lines[0]!, /hunter2/, text);
    assert.match(lines[0]!, /error="outer: /);
  }
});

Deno.test("values that are no plain data are shown briefly", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const [line] = logged(() =>
    log.info("event", {
      at: new Date(0),
      bytes: new Uint8Array(3),
      big: 10n,
      nothing: null,
      circular,
    })
  );
  assert.equal(
    line,
    'TIME INFO    event at=1970-01-01T00:00:00.000Z bytes="[3 octets]" big=10 nothing=null ' +
      'circular={"self":{"self":{"self":{"self":"[…]"}}}}',
  );
});

Deno.test("what is wrong is urgent, the rest is not", () => {
  const urgent: boolean[] = [];
  configureLogging({ format: "text", level: "debug", write: (_line, value) => urgent.push(value) });
  for (const level of ["debug", "info", "warning", "error", "fatal"] as const) log[level]("line");
  assert.deepEqual(urgent, [false, false, true, true, true]);
});

Deno.test("no line is lost at the end of the program, and warnings overtake nothing", async () => {
  const program = `
    import { configureLogging, getLogger } from ${JSON.stringify(import.meta.resolve("./log.ts"))};
    configureLogging({ format: "text", level: "info" });
    const log = getLogger("test");
    log.info("first");
    log.warning("second");
    log.info("third");
    Deno.exit(3);`;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", program],
  }).output();
  assert.equal(code, 3);
  assert.match(new TextDecoder().decode(stdout), /first\n.*second\n.*third\n$/);
});

Deno.test("LineWriter writes the lines of one moment together, without being asked", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const writer = new LineWriter(resolve);
  for (const line of ["a", "b", "c"]) writer.write(line);
  assert.equal(await promise, "a\nb\nc");
});

Deno.test("LineWriter.flush() writes what waits, once", () => {
  const written: string[] = [];
  const writer = new LineWriter((lines) => written.push(lines));
  writer.write("a");
  writer.write("b");
  writer.flush();
  writer.flush();
  writer.write("c");
  writer.flush();
  assert.deepEqual(written, ["a\nb", "c"]);
});

Deno.test("LineWriter goes on after each moment", async () => {
  const written: string[] = [];
  let next = Promise.withResolvers<void>();
  const writer = new LineWriter((lines) => {
    written.push(lines);
    next.resolve();
  });
  for (const line of ["a", "b"]) {
    next = Promise.withResolvers();
    writer.write(line);
    await next.promise;
  }
  assert.deepEqual(written, ["a", "b"]);
});
