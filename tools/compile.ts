/**
 * Builds an executable that contains the program, its assets and its permissions:
 *
 *     deno task compile [--target TARGET ...] [--net HOST:PORT ...] [--path PATH ...] [--cert FILE]
 *
 * Without a target it is built for this machine; `--target all` builds all. An executable cannot be given permissions when it
 * starts, so it has those of the permission set `serve` in `deno.json`; `--net` and `--path` add to them. `--cert`
 * names a certificate authority to trust.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import manifest from "../deno.json" with { type: "json" };
import { settingOf } from "../lib/config/mod.ts";
import { bundleProgram } from "./bundle.ts";
import {
  permissionFlags,
  type Permissions,
  RUNTIME_FLAGS,
  UNREAD_VARIABLES,
} from "./permissions.ts";

/** Systems that Deno has a runtime for. */
const TARGETS: readonly string[] = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

const OUTPUT_DIRECTORY = "dist";

/** Permissions of an executable beyond the permission set. */
interface Additions {
  /** `host:port`. */
  readonly net: readonly string[];
  /** Paths to read and to write. */
  readonly path: readonly string[];
  /** PEM of a certificate authority to trust besides the known ones: an executable reads no `DENO_CERT`. */
  readonly cert?: string;
}

/** Returns the permissions that are baked in: for any settings that are usual, since they cannot follow them. */
export function bakedPermissions({ net, path }: Additions): Permissions {
  const { serve } = manifest.permissions;
  return {
    net: [...serve.net, new URL(settingOf("ACME_DIRECTORY_URL").default!).host + ":443", ...net],
    read: [...serve.read, ...path],
    write: [...serve.write, ...path],
    env: serve.env,
    ignoredEnv: UNREAD_VARIABLES,
    // An authority of its own certifies the addresses of the machine.
    sys: ["networkInterfaces"],
  };
}

/** Returns the arguments of `deno` that turn the bundle into an executable. */
export function compileArguments(
  bundle: string,
  target: string,
  directory: string,
  additions: Additions,
): readonly string[] {
  const suffix = target.includes("windows") ? ".exe" : "";
  return [
    ...[
      "compile",
      "--unstable-net",
      "--no-check",
      "--frozen",
      // Everything is in the bundle: whatever else it would load comes from outside.
      "--no-remote",
      "--no-npm",
      "--deny-import",
      "--target",
      target,
      ...RUNTIME_FLAGS,
      ...additions.cert === undefined ? [] : ["--cert", additions.cert],
    ],
    ...permissionFlags(bakedPermissions(additions)),
    ...["--output", join(directory, `${manifest.name}-${target}${suffix}`), bundle],
  ];
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: "string", multiple: true, default: [Deno.build.target] },
      net: { type: "string", multiple: true, default: [] },
      path: { type: "string", multiple: true, default: [] },
      cert: { type: "string" },
      output: { type: "string", default: OUTPUT_DIRECTORY },
    },
  });
  const targets = values.target.includes("all") ? TARGETS : values.target;
  const unknown = targets.find((target) => !TARGETS.includes(target));
  if (unknown !== undefined) {
    console.error(`There is no target ${unknown}. The targets are:\n${TARGETS.join("\n")}`);
    return 1;
  }
  const bundle = await bundleProgram(values.output, { split: false });
  for (const target of targets) {
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [...compileArguments(bundle, target, values.output, values)],
    }).spawn().status;
    if (code !== 0) return code;
  }
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
