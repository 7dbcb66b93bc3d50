import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { CertificateAuthority } from "../simulate/certificates.ts";
import { closeServer, LOOPBACK } from "../simulate/loopback.ts";
import { deliver, type Delivery, DeliveryError } from "./mail_client.ts";

const PASSWORD = "pass word";

const authority = await CertificateAuthority.create("Test CA");
const certificate = await authority.issue({ names: ["localhost"] });

/** Runs a test with a server that takes one password, and gives a delivery that fits it. */
async function withServer(
  options: SMTPServerOptions,
  test: (delivery: Delivery) => Promise<void>,
): Promise<void> {
  const server = new SMTPServer({
    ...certificate,
    disableReverseLookup: true,
    onAuth: ({ password }, _session, callback) =>
      callback(null, password === PASSWORD ? { user: "user" } : {}),
    ...options,
  });
  // A client that breaks off the handshake is what one test is about.
  server.on("error", () => {});
  const listener = server.listen(0, LOOPBACK);
  await once(listener, "listening");
  try {
    await test({
      host: "localhost",
      port: (listener.address() as AddressInfo).port,
      security: "starttls",
      login: { user: "nora@outlook.example", password: PASSWORD },
      from: "nora@outlook.example",
      to: ["a@example.com"],
      subject: "Subject",
      text: "Text",
      ca: authority.certificate,
    });
  } finally {
    await closeServer(listener);
  }
}

function failsWith(exitCode: number, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof DeliveryError);
    assert.equal(error.exitCode, exitCode);
    assert.match(error.message, message);
    return true;
  };
}

Deno.test("deliver() sends by STARTTLS and shows the dialogue without the password", async () => {
  await withServer({}, async (delivery) => {
    const lines: string[] = [];
    const reply = await deliver(delivery, (line) => lines.push(line));
    assert.match(reply, /^250 /);
    assert.ok(lines.includes("C: STARTTLS"));
    assert.ok(lines.includes("C: AUTH PLAIN ****"));
    assert.ok(lines.includes("C: RCPT TO:<a@example.com>"));
    assert.ok(lines.some((line) => line.startsWith("S: 235 ")));
    const encoded = btoa(`\0nora@outlook.example\0${PASSWORD}`);
    assert.ok(!lines.some((line) => line.includes(PASSWORD) || line.includes(encoded)));
  });
});

Deno.test("deliver() sends by implicit TLS, and in plain text", async () => {
  await withServer({ secure: true }, async (delivery) => {
    assert.match(await deliver({ ...delivery, security: "tls" }, () => {}), /^250 /);
  });
  await withServer({ allowInsecureAuth: true }, async (delivery) => {
    assert.match(await deliver({ ...delivery, security: "plain" }, () => {}), /^250 /);
  });
});

Deno.test("deliver() refuses an unknown certificate unless it is told to accept it", async () => {
  await withServer({}, async (delivery) => {
    const unknown = { ...delivery, ca: undefined };
    await assert.rejects(deliver(unknown, () => {}), failsWith(76, /--ca/));
    assert.match(await deliver({ ...unknown, insecure: true }, () => {}), /^250 /);
  });
});

Deno.test("deliver() tells a refused password from a refused message and from one to try again", async () => {
  await withServer({}, async (delivery) => {
    const login = { user: "nora@outlook.example", password: "wrong" };
    await assert.rejects(deliver({ ...delivery, login }, () => {}), failsWith(77, /refused.*535/));
  });
  const refusing = (responseCode: number): SMTPServerOptions => ({
    onRcptTo: (_address, _session, callback) =>
      callback(Object.assign(new Error("No"), { responseCode })),
  });
  await withServer(refusing(550), async (delivery) => {
    await assert.rejects(deliver(delivery, () => {}), failsWith(65, /550/));
  });
  await withServer(refusing(451), async (delivery) => {
    await assert.rejects(deliver(delivery, () => {}), failsWith(75, /451/));
  });
});

Deno.test("deliver() tells that nobody listens", async () => {
  let unreachable: Delivery | undefined;
  await withServer({}, (delivery) => {
    unreachable = delivery;
    return Promise.resolve();
  });
  await assert.rejects(deliver(unreachable!, () => {}), failsWith(69, /ECONNREFUSED/));
});
