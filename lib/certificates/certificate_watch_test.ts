import assert from "node:assert/strict";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { Alerts } from "../alerts/alerts.ts";
import { CertificateWatch } from "./certificate_watch.ts";
import type { CertificatePair } from "../../smtp/mod.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../base/mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { settle } from "../testing/settle.ts";

const authority = await CertificateAuthority.create("Test authority");
const START_MS = Date.UTC(2026, 0, 1);

function issue(lifetimeMs = 90 * DAY_MS): Promise<CertificatePair> {
  const notAfter = new Date(START_MS + lifetimeMs);
  return authority.issue({
    names: ["localhost"],
    notBefore: new Date(START_MS - DAY_MS),
    notAfter,
  });
}

/** A watch over "files" that a test replaces. */
function watchOver(first: CertificatePair) {
  const files = { current: first };
  const clock = new ManualClock(START_MS, settle);
  const alerts = new Alerts({ clock, fetch });
  const watch = new CertificateWatch({
    use: "SMTP",
    files: { certFile: "cert.pem", keyFile: "key.pem" },
    alerts,
    clock,
    read: () => files.current,
  });
  const used: CertificatePair[] = [];
  watch.start((pair) => void used.push(pair));
  const kinds = () => alerts.current().map(({ kind }) => kind);
  return { files, clock, watch, used, kinds };
}

Deno.test("CertificateWatch puts changed files to use within a minute", async () => {
  const [first, second] = [await issue(), await issue(60 * DAY_MS)];
  const { files, clock, watch, used } = watchOver(first);
  await clock.advance(MINUTE_MS);
  assert.deepEqual(used, []);
  files.current = second;
  await clock.advance(MINUTE_MS);
  assert.deepEqual(used, [second]);
  assert.equal(watch.expiresAtMs, START_MS + 60 * DAY_MS);
  await clock.advance(5 * MINUTE_MS);
  assert.equal(used.length, 1);
  watch.stop();
  assert.equal(clock.timers, 0);
});

Deno.test("CertificateWatch keeps the former pair while a new one is half written, with an alert", async () => {
  const [first, second] = [await issue(), await issue()];
  const { files, clock, watch, used, kinds } = watchOver(first);
  files.current = { ...first, cert: second.cert };
  await clock.advance(MINUTE_MS);
  assert.deepEqual(used, []);
  assert.deepEqual(kinds(), ["certificate-unusable"]);
  assert.equal(watch.pair, first);
  files.current = second;
  await clock.advance(MINUTE_MS);
  assert.deepEqual(used, [second]);
  assert.deepEqual(kinds(), []);
});

Deno.test("CertificateWatch survives files that are gone for a moment", async () => {
  const first = await issue();
  const { files, clock, kinds } = watchOver(first);
  Object.defineProperty(files, "current", {
    configurable: true,
    get: () => {
      throw new Deno.errors.NotFound("no such file");
    },
  });
  await clock.advance(MINUTE_MS);
  assert.deepEqual(kinds(), ["certificate-unusable"]);
  Object.defineProperty(files, "current", { value: first });
  await clock.advance(MINUTE_MS);
  assert.deepEqual(kinds(), []);
});

Deno.test("CertificateWatch warns before the end, until there is a new one", async () => {
  const { files, clock, kinds } = watchOver(await issue(DAY_MS));
  assert.deepEqual(kinds(), []);
  await clock.advance(17 * HOUR_MS);
  assert.deepEqual(kinds(), ["certificate-ending"]);
  files.current = await issue();
  await clock.advance(MINUTE_MS);
  assert.deepEqual(kinds(), []);
});

Deno.test("CertificateWatch refuses to begin with what is no pair", async () => {
  const [first, second] = [await issue(), await issue()];
  assert.throws(
    () => watchOver({ ...first, key: second.key }),
    /no certificate in the file belongs/,
  );
});
