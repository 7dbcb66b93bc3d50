import assert from "node:assert/strict";
import { parseConfig } from "../../config/mod.ts";
import { fitToDescriptors } from "./descriptors.ts";

const CONFIG = parseConfig({
  APP_SECRETS: "app-1:secret-1",
  SESSION_SECRET: "0123456789abcdef0123456789abcdef",
  SMTP_PUBLIC_HOST: "smtp.example.com",
  SMTP_PORT: "2525",
}, () => "");

for (const descriptors of [256, 1_024, 4_096]) {
  Deno.test(`D3: fitToDescriptors() keeps all limits together below ${descriptors}`, () => {
    const { smtpConnectionCount, webConnectionCount, healthConnectionCount } = fitToDescriptors(
      CONFIG,
      descriptors,
    );
    const needed = 2 * smtpConnectionCount + webConnectionCount + healthConnectionCount;
    // A burst of clients that are turned away needs descriptors, too.
    assert(needed <= descriptors * 0.9 - 100, `${needed} of ${descriptors}`);
    assert(smtpConnectionCount >= descriptors / 10);
    assert(webConnectionCount >= descriptors / 20);
  });
}

Deno.test("D3: fitToDescriptors() keeps the limits that were set where there is enough", () => {
  assert.deepEqual(fitToDescriptors(CONFIG, 65_536), fitToDescriptors(CONFIG));
  const { smtpConnectionCount } = fitToDescriptors(CONFIG, 65_536);
  assert.equal(smtpConnectionCount, CONFIG.smtp.limits.connectionCount);
});

Deno.test("D3: fitToDescriptors() leaves one connection of each kind even where nothing is free", () => {
  const { smtpConnectionCount, webConnectionCount } = fitToDescriptors(CONFIG, 1);
  assert.deepEqual([smtpConnectionCount, webConnectionCount], [1, 1]);
});
