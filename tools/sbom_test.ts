import assert from "node:assert/strict";
import { billOfMaterials, type LockFile } from "./sbom.ts";

const MANIFEST = { name: "program", version: "1.2.3", license: "MIT" };

Deno.test("billOfMaterials() names each package with its version and hash", () => {
  const npm = {
    "preact@10.27.0": { integrity: "sha512-AQI=" },
    "@scope/with-peer@2.0.0_preact@10.27.0": { integrity: "sha512-/w==" },
  };
  const { metadata, components } = billOfMaterials(MANIFEST, { npm });
  assert.equal(metadata.component.version, "1.2.3");
  assert.deepEqual(
    components.map(({ purl, hashes }) => [purl, hashes[0]!.content]),
    [["pkg:npm/preact@10.27.0", "0102"], ["pkg:npm/%40scope/with-peer@2.0.0", "ff"]],
  );
});

Deno.test("billOfMaterials() reads this project's lock file", async () => {
  const lock: LockFile = JSON.parse(await Deno.readTextFile("deno.lock"));
  const { components } = billOfMaterials(MANIFEST, lock);
  assert.ok(components.length > 20);
  for (const { name, version, hashes } of components) {
    assert.match(`${name}@${version}`, /^(@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+/);
    assert.match(hashes[0]!.content, /^[0-9a-f]{128}$/);
  }
});
