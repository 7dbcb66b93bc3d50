/**
 * Prints how Deno has to run the program, as flags of `deno run`, one a line: with the permissions that its settings need, and
 * no others, and within bounds of memory.
 *
 *     deno run --allow-env --allow-read tools/permissions.ts serve --env-file /etc/smtp-oauth2-proxy/env
 *
 * The arguments are those that the program will get.
 *
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Config, ConfigError, type Environment, parseConfig } from "../lib/config/config.ts";
import { DEFAULT_ENV_FILE, readEnvironment } from "../lib/config/environment.ts";
import { settingOf, SETTINGS } from "../lib/config/settings.ts";
import { submissionTarget } from "../lib/accounts/submission_target.ts";
import { formatAddress } from "../smtp/backend.ts";
import { PERSONAL_TENANT_ID } from "../lib/microsoft/issuer.ts";

/**
 * What is the same for all settings.
 *
 * V8 doubles the space for new objects whenever many of them live on, up to 16 MB, and keeps it for a while: with some thousand
 * clients that come and stay, this would be half of the memory. With 4 MB the program is as fast.
 */
export const RUNTIME_FLAGS: readonly string[] = [
  "--no-prompt",
  "--v8-flags=--max-semi-space-size=4",
];

/** What the program may do. It never runs other programs and never loads libraries. */
export interface Permissions {
  /** `host:port`; `any` for commands that a person runs and that look around. */
  readonly net: readonly string[] | "any";
  /** Paths. */
  readonly read: readonly string[];
  /** Paths. */
  readonly write: readonly string[];
  /** Names of variables. */
  readonly env: readonly string[];
}

/** What a command needs besides what the settings say. */
interface CommandNeeds {
  /** `health`: the running server, on this machine. */
  readonly net?: "any" | "health";
  /** Its parameters are files that it reads, or writes. */
  readonly files?: "read" | "write";
}

const COMMAND_NEEDS: Readonly<Record<string, CommandNeeds>> = {
  "check": { net: "any" },
  "send": { net: "any" },
  "healthcheck": { net: "health" },
  "account import": { files: "read" },
  "backup": { files: "write" },
};

/** Deno asks for the port 0 when an address is tried before the ports are opened. */
const TRIAL_PORT = 0;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };
/** What workers consist of: Deno takes their modules for files that are read. */
const WORKER_SOURCES = fileURLToPath(new URL("../smtp", import.meta.url));
/** Any identity that is not personal. */
const WORK_TENANT_ID = "00000000-0000-0000-0000-000000000000";

/**
 * The permissions of one command.
 *
 * @param args Command, parameters and options, as the program gets them.
 * @param environment All settings, as they were given.
 * @param config The same, validated; absent when they are wrong, and then the program will only say so.
 */
export function permissionsOf(
  args: readonly string[],
  environment: Environment,
  config: Config | undefined,
): Permissions {
  const { needs, parameters, envFile = DEFAULT_ENV_FILE } = readCommand(args);
  const database = dirname(environment.SQLITE_PATH || settingOf("SQLITE_PATH").default!);
  const written = needs.files === "write" ? parameters : [];
  const read = needs.files === "read" ? parameters : [];
  const sources = config !== undefined && config.smtp.workerCount > 0 ? [WORKER_SOURCES] : [];
  return {
    net: netOf(needs, config),
    read: unique([envFile, ...namedFiles(environment), database, ...sources, ...read, ...written]),
    write: unique([database, ...written]),
    env: SETTINGS.map(({ name }) => name),
  };
}

/** The same as flags, one each. */
export function permissionFlags({ net, read, write, env }: Permissions): readonly string[] {
  const lists = { net, read: listable(read), write: listable(write), env };
  return Object.entries(lists).flatMap(([name, values]) => {
    if (values === "any") return [`--allow-${name}`];
    return values.length > 0 ? [`--allow-${name}=${values.join(",")}`] : [];
  });
}

/** A comma separates paths, and cannot be written in one: the folder around it has to do. */
function listable(paths: readonly string[]): readonly string[] {
  return unique(paths.map((path) => {
    let folder = path;
    while (folder.includes(",")) folder = dirname(folder);
    return folder;
  }));
}

function netOf({ net }: CommandNeeds, config: Config | undefined): Permissions["net"] {
  if (net === "any") return net;
  if (!config) return [];
  if (net === "health") return healthAddresses(config);
  return unique([...reachedHosts(config), ...listeners(config), ...ownSmtpAddresses(config)]);
}

/** The servers that it connects to. */
function reachedHosts({ microsoft, target, alertWebhookUrl }: Config): readonly string[] {
  const submission = [PERSONAL_TENANT_ID, WORK_TENANT_ID].map((tenantId) =>
    submissionTarget({ tenantId }, target)
  );
  return unique([
    hostOfUrl(microsoft.authority),
    ...submission.map(({ host, port }) => formatAddress(host, port)),
    ...(alertWebhookUrl ? [hostOfUrl(alertWebhookUrl.reveal())] : []),
  ]);
}

/** Its own addresses. To listen somewhere, and to try that it works, needs the same permission. */
function listeners({ smtp, http, metrics }: Config): readonly string[] {
  const doors = [
    { hosts: smtp.hosts, ports: Object.values(smtp.ports).flat() },
    { hosts: http.hosts, ports: [http.port] },
    ...(metrics ? [{ hosts: metrics.hosts, ports: [metrics.port] }] : []),
  ];
  return unique(
    doors.flatMap(({ hosts, ports }) =>
      hosts.flatMap((host) => [TRIAL_PORT, ...ports].map((port) => formatAddress(host, port)))
    ),
  );
}

/** "All addresses" is nothing to connect to. */
const LOOPBACK: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Where the running server answers. */
function healthAddresses({ metrics, http }: Config): readonly string[] {
  const { hosts, port } = metrics ?? http;
  return unique([...Object.values(LOOPBACK), ...hosts].map((host) => formatAddress(host, port)));
}

/** Where a test mail from the account page goes, where that is not an address of its own already. */
function ownSmtpAddresses({ smtp: { hosts, ports } }: Config): readonly string[] {
  const loopback = hosts.flatMap((host) => LOOPBACK[host] ?? []);
  return Object.values(ports).flat().flatMap((port) =>
    loopback.map((host) => formatAddress(host, port))
  );
}

/** The files that settings name: they are read even where other settings are wrong, so that all mistakes are found. */
function namedFiles(environment: Environment): readonly string[] {
  return SETTINGS.flatMap(({ name }) => name.endsWith("_FILE") && environment[name] || []);
}

function readCommand(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { "env-file": { type: "string" } },
    strict: false,
    allowPositionals: true,
  });
  const words = [2, 1].find((count) => positionals.slice(0, count).join(" ") in COMMAND_NEEDS) ?? 0;
  return {
    needs: COMMAND_NEEDS[positionals.slice(0, words).join(" ")] ?? {},
    parameters: positionals.slice(words),
    envFile: typeof values["env-file"] === "string" ? values["env-file"] : undefined,
  };
}

function hostOfUrl(text: string): string {
  const { hostname, port, protocol } = new URL(text);
  return `${hostname}:${port || DEFAULT_PORTS[protocol]}`;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

/** The settings, validated; `undefined` when they are wrong. */
function validConfig(environment: Environment): Config | undefined {
  try {
    return parseConfig(environment, { readFile: Deno.readTextFileSync, production: true });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    warnOfUnknown(error);
    return undefined;
  }
}

/** Names in the environment that are no settings: the program itself may not see them. It reports all other problems. */
function warnOfUnknown({ problems }: ConfigError): void {
  const names: readonly string[] = SETTINGS.map(({ name }) => name);
  for (const { variable, message, remedy } of problems) {
    if (!names.includes(variable)) console.error(`${variable}: ${message} ${remedy}`);
  }
}

function main(args: readonly string[]): void {
  const variables = Deno.env.toObject();
  const environment = readEnvironment(readCommand(args).envFile, Deno.readTextFileSync, variables);
  const permissions = permissionsOf(args, environment, validConfig(environment));
  console.log([...RUNTIME_FLAGS, ...permissionFlags(permissions)].join("\n"));
}

if (import.meta.main) main(Deno.args);
