import assert from "node:assert/strict";
import { authTimeoutMs } from "./auth_timeout.ts";

Deno.test("authTimeoutMs() gives Gmail and our own test mail eight seconds, and others half a minute", () => {
  const cases: readonly [helo: string, address: string, timeoutMs: number][] = [
    ["mail-ed1-f54.google.com", "192.0.2.1", 8_000],
    ["MAIL-ED1-F54.GOOGLE.COM", "192.0.2.1", 8_000],
    ["smtp.example", "209.85.208.54", 8_000],
    ["smtp.example", "::ffff:209.85.208.54", 8_000],
    ["smtp.example", "2a00:1450:4864:20::52d", 8_000],
    ["test-mail-1.localhost", "127.0.0.1", 8_000],
    ["google.com.example", "192.0.2.1", 30_000],
    ["notgoogle.com", "192.0.2.1", 30_000],
    ["", "", 30_000],
  ];
  for (const [helo, address, timeoutMs] of cases) {
    assert.equal(authTimeoutMs({ helo, address }), timeoutMs, `${helo} ${address}`);
  }
});
