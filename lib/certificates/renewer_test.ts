import assert from "node:assert/strict";
import { join } from "node:path";
import type { CertificatePair } from "../../smtp/mod.ts";
import { Alerts } from "../alerts/mod.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../base/mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { settle } from "../testing/settle.ts";
import { CertificateAuthority } from "./authority.ts";
import { parseCertificate, readPair } from "./certificates.ts";
import type { Issuer } from "./issuer.ts";
import { FolderStorage } from "./storage.ts";
import { CertificateRenewer, renewalTime } from "./renewer.ts";

const authority = await CertificateAuthority.create("Test authority");
const START_MS = Date.UTC(2026, 0, 1);
const LIFETIME_MS = 30 * DAY_MS;

/** An issuer that a test tells what to do. */
class FakeIssuer implements Issuer {
  readonly attemptsMs: number[] = [];
  hosts: readonly string[] = ["mail.example.org"];
  refusal: { retryAfterMs?: number } | undefined;
  advisedMs: number | undefined;

  constructor(readonly clock: ManualClock) {}

  names(): readonly string[] {
    return this.hosts;
  }

  async issue(): Promise<CertificatePair> {
    const nowMs = this.clock.now();
    this.attemptsMs.push(nowMs);
    if (this.refusal) throw new Error("refused");
    const notBefore = new Date(nowMs);
    const notAfter = new Date(nowMs + LIFETIME_MS);
    return await authority.issue({ names: this.hosts, notBefore, notAfter });
  }

  advice(): Promise<number | undefined> {
    return Promise.resolve(this.attemptsMs.length === 1 ? this.advisedMs : undefined);
  }

  explain() {
    return { text: "It was refused.", remedy: "Help.", ...this.refusal };
  }

  challenge(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

async function openRenewer(prepare: (issuer: FakeIssuer) => void = () => {}) {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "acme", "certificate.pem");
  const files = { keyFile: file, certFile: file };
  // While it works it has no timer: files are written, and signatures are made.
  const rest = async () => {
    do await settle(); while (clock.timers === 0);
  };
  const clock: ManualClock = new ManualClock(START_MS, rest);
  const alerts = new Alerts({ clock, fetch });
  const issuer = new FakeIssuer(clock);
  prepare(issuer);
  const renewer = await CertificateRenewer.open({
    storage: new FolderStorage(join(folder, "acme")),
    issuer,
    alerts,
    clock,
  });
  let replacements = 0;
  const begin = async () => {
    renewer.start(() => Promise.resolve(void replacements++));
    await rest();
  };
  return {
    ...{ file, clock, issuer, renewer, begin },
    current: () => parseCertificate(readPair(files)),
    replacements: () => replacements,
    kinds: () => alerts.current().map(({ kind }) => kind),
    [Symbol.asyncDispose]: async () => {
      renewer.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("CertificateRenewer shows a temporary certificate until the first is issued", async () => {
  await using fixture = await openRenewer();
  const { subject, issuer } = fixture.current().leaf;
  assert.equal(subject, issuer);
  await fixture.begin();
  assert.equal(fixture.current().leaf.issuer, "CN=Test authority");
  assert.equal(fixture.replacements(), 1);
  if (Deno.build.os !== "windows") {
    assert.equal(Deno.statSync(fixture.file).mode! & 0o777, 0o600);
  }
});

Deno.test("CertificateRenewer renews at about two thirds of a life", async () => {
  await using fixture = await openRenewer();
  await fixture.begin();
  const dueMs = renewalTime(fixture.current());
  assert.ok(dueMs <= START_MS + LIFETIME_MS * 2 / 3);
  assert.ok(dueMs >= START_MS + LIFETIME_MS * 15 / 24);
  await fixture.clock.advance(dueMs - START_MS - 2 * HOUR_MS);
  assert.equal(fixture.issuer.attemptsMs.length, 1);
  await fixture.clock.advance(3 * HOUR_MS);
  assert.equal(fixture.issuer.attemptsMs.length, 2);
  assert.equal(fixture.replacements(), 2);
});

Deno.test("CertificateRenewer renews earlier if the authority advises it", async () => {
  await using fixture = await openRenewer();
  await fixture.begin();
  await fixture.clock.advance(DAY_MS);
  fixture.issuer.advisedMs = START_MS + 3 * DAY_MS;
  await fixture.clock.advance(3 * DAY_MS);
  assert.deepEqual(fixture.issuer.attemptsMs, [START_MS, START_MS + 3 * DAY_MS]);
});

Deno.test("CertificateRenewer renews at once when a name is added", async () => {
  await using fixture = await openRenewer();
  await fixture.begin();
  fixture.issuer.hosts = ["mail.example.org", "192.168.1.10"];
  await fixture.clock.advance(HOUR_MS);
  assert.match(fixture.current().leaf.subjectAltName ?? "", /192\.168\.1\.10/);
});

Deno.test("CertificateRenewer keeps the former certificate on a failure, with an alert", async () => {
  await using fixture = await openRenewer();
  await fixture.begin();
  const former = fixture.current().leaf.serialNumber;
  fixture.issuer.refusal = {};
  await fixture.clock.advance(renewalTime(fixture.current()) - START_MS + HOUR_MS);
  assert.equal(fixture.current().leaf.serialNumber, former);
  assert.deepEqual(fixture.kinds(), ["certificate-not-renewed"]);
  fixture.issuer.refusal = undefined;
  await fixture.clock.advance(DAY_MS);
  assert.notEqual(fixture.current().leaf.serialNumber, former);
  assert.deepEqual(fixture.kinds(), []);
});

Deno.test("CertificateRenewer tries at most four times in the first hour, then ever more rarely", async () => {
  await using fixture = await openRenewer((issuer) => issuer.refusal = {});
  await fixture.begin();
  assert.deepEqual(fixture.kinds(), ["certificate-missing"]);
  await fixture.clock.advance(2 * HOUR_MS);
  const minutes = fixture.issuer.attemptsMs.map((timeMs) => (timeMs - START_MS) / MINUTE_MS);
  assert.deepEqual(minutes, [0, 5, 15, 35, 75]);
});

Deno.test("CertificateRenewer tries again at once when it is told to", async () => {
  await using fixture = await openRenewer((issuer) => issuer.refusal = {});
  await fixture.begin();
  fixture.issuer.refusal = undefined;
  fixture.renewer.retry();
  await fixture.clock.advance(MINUTE_MS);
  assert.equal(fixture.replacements(), 1);
  assert.deepEqual(fixture.kinds(), []);
  fixture.renewer.retry();
  await fixture.clock.advance(MINUTE_MS);
  assert.equal(fixture.issuer.attemptsMs.length, 2, "nothing is due");
});

Deno.test("CertificateRenewer waits as long as the authority asks for", async () => {
  await using fixture = await openRenewer((issuer) => {
    issuer.refusal = { retryAfterMs: 3 * HOUR_MS };
  });
  await fixture.begin();
  await fixture.clock.advance(3 * HOUR_MS - MINUTE_MS);
  assert.equal(fixture.issuer.attemptsMs.length, 1);
  await fixture.clock.advance(2 * MINUTE_MS);
  assert.equal(fixture.issuer.attemptsMs.length, 2);
});
