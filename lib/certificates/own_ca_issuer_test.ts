import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { systemClock } from "../base/mod.ts";
import { coversHost, parseCertificate } from "./certificates.ts";
import { OwnCaIssuer } from "./own_ca_issuer.ts";
import { FolderStorage } from "./storage.ts";

const NAMES = ["nas.lan"];

Deno.test("OwnCaIssuer keeps its authority, for its owner alone", async () => {
  const folder = await Deno.makeTempDir();
  const open = () =>
    OwnCaIssuer.open({ names: NAMES, storage: new FolderStorage(folder), clock: systemClock });
  const first = await open();
  const second = await open();
  assert.equal(second.authority, first.authority);
  if (Deno.build.os !== "windows") {
    assert.equal((await Deno.stat(join(folder, "ca.pem"))).mode! & 0o777, 0o600);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("OwnCaIssuer certifies names and addresses of this machine, for no longer than devices take", async () => {
  const folder = await Deno.makeTempDir();
  const addresses = () => ["192.168.1.10", "fd00::10"];
  const issuer = await OwnCaIssuer.open({
    names: NAMES,
    storage: new FolderStorage(folder),
    clock: systemClock,
    addresses,
  });
  const certificate = parseCertificate(await issuer.issue());
  for (const host of ["nas.lan", "localhost", "127.0.0.1", "192.168.1.10", "fd00::10"]) {
    assert.ok(coversHost(certificate, host), host);
  }
  const ca = new X509Certificate(issuer.authority);
  assert.ok(certificate.leaf.verify(ca.publicKey));
  assert.ok(ca.ca);
  assert.equal(certificate.chain.length, 2);
  // The dates of some devices end on 19 January 2038.
  assert.ok(Date.parse(ca.validTo) - systemClock.now() > 9 * 365 * 86_400_000);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("OwnCaIssuer makes another authority before the end of the first", async () => {
  const folder = await Deno.makeTempDir();
  const first = await OwnCaIssuer.open({
    names: NAMES,
    storage: new FolderStorage(folder),
    clock: systemClock,
  });
  const later = {
    ...systemClock,
    now: () => Date.parse(new X509Certificate(first.authority).validTo),
  };
  const second = await OwnCaIssuer.open({
    names: NAMES,
    storage: new FolderStorage(folder),
    clock: later,
  });
  assert.notEqual(second.authority, first.authority);
  await Deno.remove(folder, { recursive: true });
});
