/**
 * Starts the program from the repository.
 *
 * @module
 */
import { MODULE_FLAGS, RUNTIME_FLAGS } from "./permissions.ts";

/** The network that the program may use: any host, or this machine only. */
export type Network = "any" | "this-machine";

const NETWORK_PERMISSION: Readonly<Record<Network, string>> = {
  "any": "--allow-net",
  "this-machine": "--allow-net=localhost,127.0.0.1,[::1]",
};

/**
 * Returns a command that runs `serve`.
 *
 * @param dataDirectory The only folder it may write to.
 * @param args Further arguments of the program.
 * @param flags Further flags of `deno run`. Default: modules come from the cache alone.
 */
export function serveCommand(
  network: Network,
  dataDirectory: string,
  args: readonly string[],
  options: Deno.CommandOptions,
  flags = MODULE_FLAGS,
): Deno.Command {
  const permissions = [
    NETWORK_PERMISSION[network],
    `--allow-write=${dataDirectory}`,
    "--allow-read",
    "--allow-env",
    "--allow-sys",
  ];
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      ...RUNTIME_FLAGS,
      ...flags,
      ...permissions,
      "main.ts",
      "serve",
      ...args,
    ],
    ...options,
  });
}
