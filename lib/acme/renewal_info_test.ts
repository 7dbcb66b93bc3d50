import assert from "node:assert/strict";
import { certificateId, renewalWindow } from "./renewal_info.ts";

Deno.test("certificateId() is that of the example in RFC 9773 section 4.1", () => {
  const authorityKeyId = Uint8Array.fromHex("69885b6b87464041e1b37b847ba0ae2cde01c8d4");
  assert.equal(
    certificateId({ authorityKeyId, serialNumber: "87654321" }),
    "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE",
  );
});

/** Serves a directory, and an answer on renewal. */
function authority(renewalInfo: boolean, answer: () => Response) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { origin, pathname } = new URL(request.url);
    if (pathname !== "/dir") return answer();
    return Response.json({
      newOrder: `${origin}/order`,
      ...(renewalInfo && { renewalInfo: `${origin}/ari` }),
    });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/dir`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("renewalWindow() returns the window of the authority", async () => {
  const suggestedWindow = { start: "2026-03-01T00:00:00Z", end: "2026-03-02T00:00:00Z" };
  await using server = authority(true, () => Response.json({ suggestedWindow }));
  assert.deepEqual(await renewalWindow(server.url, "a.b"), {
    startMs: Date.parse(suggestedWindow.start),
    endMs: Date.parse(suggestedWindow.end),
  });
});

Deno.test("renewalWindow() is undefined without advice, and fails with the authority", async () => {
  await using silent = authority(false, () => assert.fail("nothing is asked"));
  assert.equal(await renewalWindow(silent.url, "a.b"), undefined);
  await using nonsense = authority(true, () => Response.json({ suggestedWindow: { start: "x" } }));
  assert.equal(await renewalWindow(nonsense.url, "a.b"), undefined);
  await using broken = authority(true, () => new Response("", { status: 500 }));
  await assert.rejects(renewalWindow(broken.url, "a.b"), { name: "AcmeProblem" });
});
