import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:tls";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { HttpServer } from "./http_server.ts";

const authority = await CertificateAuthority.create("Test authority");

/** The name in the certificate that a server shows. */
async function shownName(port: number): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const name = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return String(name);
}

function portOf(server: HttpServer): number {
  return Number(new URL(server.addresses[0]!).port);
}

Deno.test("HttpServer serves on its addresses until it is stopped", async () => {
  const handler = () => new Response("hello");
  const server = new HttpServer({ hosts: ["127.0.0.1"], port: 0, handler });
  const [address = ""] = server.addresses;
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(await (await fetch(address)).text(), "hello");
  await server.stop();
  await assert.rejects(fetch(address));
});

Deno.test("HttpServer answers 500 where the handler fails", async () => {
  const handler = () => {
    throw new Error("secret detail");
  };
  const server = new HttpServer({ hosts: ["127.0.0.1"], port: 0, handler });
  const response = await fetch(server.addresses[0]!);
  assert.equal(response.status, 500);
  assert.equal(await response.text(), "Internal Server Error");
  await server.stop();
});

Deno.test("HttpServer takes another certificate on the same port", async () => {
  using placeholder = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = placeholder.addr;
  placeholder.close();
  const server = new HttpServer({
    hosts: ["127.0.0.1"],
    port,
    pair: await authority.issue({ names: ["first.example"] }),
    handler: () => new Response("hello"),
  });
  assert.equal(await shownName(portOf(server)), "first.example");
  await server.useCertificate(await authority.issue({ names: ["second.example"] }));
  assert.equal(portOf(server), port);
  assert.equal(await shownName(port), "second.example");
  await server.stop();
});
