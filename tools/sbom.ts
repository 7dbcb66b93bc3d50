/**
 * Prints what the program is made of, as a CycloneDX 1.6 document (https://cyclonedx.org), from the lock file:
 *
 *     deno run --allow-read=deno.json,deno.lock tools/sbom.ts
 *
 * It lists the packages of tools and tests too.
 *
 * @module
 */

/** The parts of `deno.json` that are used. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/** The part of `deno.lock` (version 5) that is used. */
export interface LockFile {
  /** By name and version, such as `preact@10.27.0`; packages with peers have these behind an underscore. */
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

/** The document. */
export function billOfMaterials({ name, version, license }: Manifest, { npm }: LockFile) {
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: { type: "application", name, version, licenses: [{ license: { id: license } }] },
    },
    components: Object.entries(npm).map(([key, { integrity }]) => component(key, integrity)),
  };
}

function component(key: string, integrity: string) {
  const [, name = "", version = ""] = /^(@?[^@]+)@([^_]+)/.exec(key) ?? [];
  return {
    type: "library",
    "bom-ref": key,
    name,
    version,
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    hashes: [{ alg: "SHA-512", content: hexOf(integrity) }],
  };
}

/** Subresource Integrity (`sha512-` and base64) as CycloneDX wants it. */
function hexOf(integrity: string): string {
  return Uint8Array.fromBase64(integrity.replace(/^sha512-/, "")).toHex();
}

if (import.meta.main) {
  const read = (path: string) => JSON.parse(Deno.readTextFileSync(path));
  console.log(JSON.stringify(billOfMaterials(read("deno.json"), read("deno.lock")), null, 2));
}
