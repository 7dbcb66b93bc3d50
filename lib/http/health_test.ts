import assert from "node:assert/strict";
import { type HealthHandler, healthHandler, type HealthOptions } from "./health.ts";

function createHandler(changes: Partial<HealthOptions> = {}): HealthHandler {
  return healthHandler({
    checkStore: () => Promise.resolve(),
    isListening: () => true,
    ...changes,
  });
}

async function ask(handler: HealthHandler, path: string, init?: RequestInit) {
  const response = await handler(new Request(`http://localhost${path}`, init));
  return response && { status: response.status, body: await response.text() };
}

Deno.test("healthHandler() says that the process is alive, whatever else is wrong", async () => {
  const handler = createHandler({
    checkStore: () => Promise.reject(new Error("locked")),
    isListening: () => false,
  });
  const { status, body } = (await ask(handler, "/healthz"))!;
  assert.equal(status, 200);
  const { program, status: text } = JSON.parse(body);
  assert.deepEqual([program, text], ["smtp-oauth2-proxy", "alive"]);
});

Deno.test("healthHandler() is ready when the database answers and the ports are open", async () => {
  assert.equal((await ask(createHandler(), "/readyz"))?.status, 200);
});

Deno.test("healthHandler() is not ready without database or ports, and says which", async () => {
  const checkStore = () => Promise.reject(new Error("database is locked"));
  const locked = (await ask(createHandler({ checkStore }), "/readyz"))!;
  assert.equal(locked.status, 503);
  assert.equal(JSON.parse(locked.body).database, "database is locked");
  const closed = (await ask(createHandler({ isListening: () => false }), "/readyz"))!;
  assert.equal(closed.status, 503);
  assert.equal(JSON.parse(closed.body).smtp, "not listening");
});

Deno.test("R4: healthHandler() stays ready, but degraded, while clients are served without the database", async () => {
  const checkStore = () => Promise.reject(new Error("no answer"));
  for (
    const [canDo, expected] of [[true, [200, "degraded"]], [false, [503, "not ready"]]] as const
  ) {
    const handler = createHandler({ checkStore, canDoWithout: () => canDo });
    const { status, body } = (await ask(handler, "/readyz"))!;
    const content = JSON.parse(body);
    assert.deepEqual([status, content.status], expected);
    assert.equal(content.database, "no answer");
  }
});

Deno.test("healthHandler() has metrics only where they are wanted", async () => {
  assert.equal(await ask(createHandler(), "/metrics"), undefined);
  const metrics = { contentType: "text/plain", text: () => Promise.resolve("a 1\n") };
  const answer = await ask(createHandler({ metrics }), "/metrics");
  assert.deepEqual(answer, { status: 200, body: "a 1\n" });
});

Deno.test("healthHandler() leaves other paths to others, and only answers GET and HEAD", async () => {
  assert.equal(await ask(createHandler(), "/"), undefined);
  assert.equal(await ask(createHandler(), "/healthz/x"), undefined);
  assert.equal((await ask(createHandler(), "/healthz", { method: "POST" }))?.status, 405);
});
