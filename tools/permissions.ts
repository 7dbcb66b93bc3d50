/**
 * Prints the flags that Deno needs to run the program, one per line: exactly the permissions that the settings and the
 * command need, and limits on memory.
 *
 *     deno run --allow-env --allow-read tools/permissions.ts serve --env-file /etc/smtp-oauth2-proxy/env
 *
 * The arguments are those of the program.
 *
 * @module
 */
import { dirname } from "node:path";
import { submissionTarget } from "../lib/accounts/mod.ts";
import {
  type Access,
  CommandError,
  COMMANDS,
  DESCRIPTOR_VARIABLE,
  type Option,
  readArguments,
} from "../lib/cli/mod.ts";
import {
  type Config,
  ConfigError,
  DEFAULT_ENV_FILE,
  DEFAULT_ENV_FILES,
  endpointOf,
  type Environment,
  listenersOf,
  parseConfig,
  reachableHost,
  readSettings,
  registrationFiles,
  settingOf,
  SETTINGS,
  VARIABLES,
} from "../lib/config/mod.ts";
import { PERSONAL_TENANT_ID } from "../lib/microsoft/mod.ts";
import { formatAddress } from "../smtp/mod.ts";

/**
 * Flags that keep code from elsewhere out: only modules that are in the cache and in the lock file, none from an address, and
 * no permission to import one. Without them Deno lets every program import from some well-known hosts.
 */
export const MODULE_FLAGS: readonly string[] = [
  "--cached-only",
  "--frozen",
  "--no-remote",
  "--deny-import",
];

/** Variables of `pg`, which asks for them although all of its settings are given. They do not exist for the program. */
export const UNREAD_VARIABLES: readonly string[] = [
  ...["NODE_PG_FORCE_NATIVE", "USER", "USERNAME", "PGBINARY", "PGOPTIONS", "PGSSLNEGOTIATION"],
  ...["PGCLIENT_ENCODING", "PGREPLICATION", "PGPASSWORD"],
];

/**
 * Flags that do not depend on settings, of an executable as well.
 *
 * V8 doubles the space for new objects whenever many of them live on, up to 16 MB, and keeps it for a while: with some thousand
 * clients that come and stay, this would be half of the memory. With 4 MB the program is as fast.
 */
export const RUNTIME_FLAGS: readonly string[] = [
  "--no-prompt",
  "--v8-flags=--max-semi-space-size=4",
];

/** Permissions of the program. It never runs other programs and never loads libraries. */
export interface Permissions {
  /** `host:port`; `any` for commands that a person runs to look around. */
  readonly net: readonly string[] | "any";
  /** Paths. */
  readonly read: readonly string[];
  /** Paths. */
  readonly write: readonly string[];
  /** Names of variables. */
  readonly env: readonly string[];
  /** Names of facts about the machine. */
  readonly sys: readonly string[];
  /** Variables that are asked for and do not exist for the program. */
  readonly ignoredEnv?: readonly string[];
}

/** Any tenant but that of the personal accounts. */
const WORK_TENANT_ID = "00000000-0000-0000-0000-000000000000";

/** The parts of a command line that permissions depend on. */
interface GivenCommand {
  readonly access: Access;
  readonly parameters: readonly string[];
  /** Files that options name. */
  readonly files?: readonly string[];
  readonly envFile?: string;
  /** The database of new settings. */
  readonly database?: string;
}

/** Reads a command line. The program itself reports what is wrong with it, and needs no permissions for that. */
function readCommand(args: readonly string[]): GivenCommand {
  try {
    const found = readArguments(args, COMMANDS);
    if (found.kind !== "call") return { access: {}, parameters: [] };
    const { command: { access = {}, options = {} }, parameters, texts } = found;
    const pathsOf = (kind: Option["path"]) =>
      Object.entries(options).flatMap(([name, { path }]) => path === kind && texts.get(name) || []);
    const [database] = pathsOf("database");
    const envFile = texts.get("env-file");
    return { access, parameters, files: pathsOf("file"), envFile, database };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { access: {}, parameters: [] };
  }
}

/**
 * Returns the permissions of a command.
 *
 * @param args The arguments of the program.
 * @param environment All settings as they were given.
 * @param config The same, validated; absent if they are not valid, which the program will report.
 */
export function permissionsOf(
  args: readonly string[],
  environment: Environment,
  config: Config | undefined,
): Permissions {
  const { access, parameters, files: given = [], envFile, database } = readCommand(args);
  const folders = dataFolders(database || environment.SQLITE_PATH, config);
  const files = parameters.flatMap((path) => filesAt(path, access));
  const envFiles = envFile === undefined ? DEFAULT_ENV_FILES : [envFile];
  return {
    net: netOf(access, config),
    read: access.envFile
      ? ["/"]
      : unique([...envFiles, ...namedFiles(environment), ...folders, ...files, ...given]),
    write: access.envFile
      ? [envFile ?? DEFAULT_ENV_FILE, ...folders]
      : unique([...folders, ...(access.parameters === "read-database" ? [] : files)]),
    env: [...VARIABLES, DESCRIPTOR_VARIABLE],
    sys: sysOf(access, config),
    ...(config?.database && { ignoredEnv: UNREAD_VARIABLES }),
  };
}

/** Returns the files that a parameter stands for. SQLite keeps the newest changes beside its file. */
function filesAt(path: string, { parameters }: Access): readonly string[] {
  if (parameters === undefined) return [];
  return parameters === "write" ? [path] : [path, `${path}-wal`, `${path}-shm`];
}

/** Returns the folder of the database, and that of certificates which the program keeps itself: the same, as a rule. */
function dataFolders(sqlitePath: string | undefined, config: Config | undefined) {
  const certificate = config?.automaticCertificate?.folder;
  return unique([
    dirname(sqlitePath || settingOf("SQLITE_PATH").default!),
    ...(certificate === undefined ? [] : [dirname(certificate)]),
  ]);
}

/** Returns permissions as flags, one each. */
export function permissionFlags(
  { net, read, write, env, sys, ignoredEnv = [] }: Permissions,
): readonly string[] {
  const lists = { net, read: listable(read), write: listable(write), env, sys };
  const flags = Object.entries(lists).flatMap(([name, values]) => {
    if (values === "any") return [`--allow-${name}`];
    return values.length > 0 ? [`--allow-${name}=${values.join(",")}`] : [];
  });
  return ignoredEnv.length > 0 ? [...flags, `--ignore-env=${ignoredEnv}`] : flags;
}

/** Replaces a path that contains a comma, which separates paths and cannot be escaped, by the folder around it. */
function listable(paths: readonly string[]): readonly string[] {
  return unique(paths.map((path) => {
    let folder = path;
    while (folder.includes(",")) folder = dirname(folder);
    return folder;
  }));
}

function netOf({ network }: Access, config: Config | undefined): Permissions["net"] {
  if (network === "any") return network;
  if (!config) return [];
  if (network === "running-server") return healthAddresses(config);
  return unique([...reachedHosts(config), ...ownAddresses(config)]);
}

/** Returns the facts about the machine that the server asks for: an own authority certifies its addresses. */
function sysOf({ network }: Access, config: Config | undefined): readonly string[] {
  const certificate = network === undefined ? config?.automaticCertificate : undefined;
  return [
    ...(certificate && !certificate.acme ? ["networkInterfaces"] : []),
    // Replicas are shown with the names of their machines.
    ...(config?.database ? ["hostname"] : []),
  ];
}

/** Returns the servers that the program connects to. */
function reachedHosts(
  { microsoft, target, alertWebhookUrl, automaticCertificate, database }: Config,
): readonly string[] {
  const submission = [PERSONAL_TENANT_ID, WORK_TENANT_ID].map((tenantId) =>
    submissionTarget({ tenantId }, target)
  );
  return unique([
    addressOf(microsoft.authority),
    ...submission.map(({ host, port }) => formatAddress(host, port)),
    ...(automaticCertificate?.acme ? [addressOf(automaticCertificate.acme.directoryUrl)] : []),
    ...(alertWebhookUrl ? [addressOf(alertWebhookUrl.reveal())] : []),
    ...[database, database?.listen].flatMap((address) =>
      address ? [formatAddress(address.host, address.port)] : []
    ),
  ]);
}

function addressOf(url: string): string {
  const { host, port } = endpointOf(url);
  return formatAddress(host, port);
}

/**
 * Returns the program's own addresses. It listens on them and tries them first, which needs the same permission, and sends
 * test mails from the account page to its own SMTP ports.
 */
function ownAddresses(config: Config): readonly string[] {
  const listeners = listenersOf(config).filter(({ ports }) => ports.length > 0);
  const listening = listeners.flatMap(({ hosts, ports }) => addresses(hosts, ports));
  const testMail = listeners.filter(({ kind }) => kind !== undefined)
    .flatMap(({ hosts, ports }) => addresses(hosts.map(reachableHost), ports));
  return [...listening, ...testMail];
}

/** Returns the addresses where the running server may answer. */
function healthAddresses({ metrics, http }: Config): readonly string[] {
  const { hosts, ports } = metrics ?? http;
  return unique(addresses([...hosts.map(reachableHost), ...hosts], ports));
}

function addresses(hosts: readonly string[], ports: readonly number[]): readonly string[] {
  return hosts.flatMap((host) => ports.map((port) => formatAddress(host, port)));
}

/** Returns the files that settings name. They are read even if other settings are wrong, so that all mistakes are found. */
function namedFiles(environment: Environment): readonly string[] {
  return [
    ...SETTINGS.flatMap(({ name }) => name.endsWith("_FILE") && environment[name] || []),
    ...registrationFiles(environment),
  ];
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

/** Parses the settings; returns `undefined` if they are not valid. */
function validConfig(environment: Environment): Config | undefined {
  try {
    return parseConfig(environment, Deno.readTextFileSync);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // Unknown names: the program itself may not see them. It reports all other problems.
    for (const { variable, message, remedy } of error.problems) {
      if (!VARIABLES.includes(variable)) console.error(`${variable}: ${message} ${remedy}`);
    }
    return undefined;
  }
}

/** Returns the variables without an env file that cannot be read: the program itself reports it. */
function givenEnvironment(envFile: string | undefined): Environment {
  const variables = Deno.env.toObject();
  try {
    return readSettings(envFile, Deno.readTextFileSync, variables).given;
  } catch {
    return variables;
  }
}

if (import.meta.main) {
  const { envFile } = readCommand(Deno.args);
  const environment = givenEnvironment(envFile);
  const permissions = permissionsOf(Deno.args, environment, validConfig(environment));
  console.log([...MODULE_FLAGS, ...RUNTIME_FLAGS, ...permissionFlags(permissions)].join("\n"));
}
