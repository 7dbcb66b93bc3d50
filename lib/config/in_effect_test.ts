import assert from "node:assert/strict";
import { settingsInEffect } from "./in_effect.ts";

function settings(env: Record<string, string>) {
  const all = settingsInEffect(env, () => ".env");
  return (name: string) => all.find((one) => one.name === name)!;
}

Deno.test("settingsInEffect() tells value, default, change and source of each setting", () => {
  const of = settings({ LOG_FORMAT: "json", SQLITE_PATH: "" });
  assert.equal(of("LOG_FORMAT").value, "json");
  assert.equal(of("LOG_FORMAT").default, "text");
  assert.equal(of("LOG_FORMAT").source, ".env");
  assert.ok(of("LOG_FORMAT").isChanged);
  assert.equal(of("LOG_LEVEL").value, of("LOG_LEVEL").default);
  assert.equal(of("LOG_LEVEL").source, undefined);
  assert.ok(!of("LOG_LEVEL").isChanged);
  assert.ok(!settings({ LOG_FORMAT: "text" })("LOG_FORMAT").isChanged);
});

Deno.test("K1: settingsInEffect() hides secrets, and passwords in URLs", () => {
  const secret = "0123456789abcdef";
  const of = settings({
    APP_SECRETS: `app:${secret}`,
    SESSION_SECRET: secret,
    ALERT_WEBHOOK_URL: `https://example.com/${secret}`,
    PUBLIC_URL: `https://me:${secret}@example.com`,
  });
  const names = ["APP_SECRETS", "SESSION_SECRET", "ALERT_WEBHOOK_URL", "PUBLIC_URL"];
  for (const name of names) assert.ok(!of(name).value?.includes(secret), name);
  assert.equal(of("PUBLIC_URL").value, "https://me:…@example.com");
});
