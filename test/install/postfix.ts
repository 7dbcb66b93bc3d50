/**
 * A Postfix of a test's own: its programs from Debian's package, unpacked and not installed, with a folder of its own for
 * everything else. Installed, it would take the place of the machine's mail server.
 *
 * @module
 */
import { join } from "node:path";
import { requireProgram } from "../programs.ts";

/** Where the package is unpacked; see `.ci/run`. */
const ROOT = "/opt/postfix";
const LIBRARIES = `${ROOT}/usr/lib/postfix`;
/** Users that every Debian has; Postfix wants them to be nobody else's. */
const OWNER = "daemon";
const GROUP = "games";
/** Postfix drops its rights, and has to reach its files all the same. */
const FOR_EVERYBODY = 0o755;

/** Options of a test that needs it: its master starts as root. */
export const requirePostfix = (): { ignore: boolean } =>
  requireProgram("sh", "-c", `test -x ${LIBRARIES}/sbin/master && test "$(id -u)" = 0`);

/** Programs that a reader calls, and services that send: nothing listens. */
const PROGRAMS = ["postfix", "postconf", "sendmail"];
const SERVICES = `
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
`;

/** A Postfix that runs. */
export class PrivatePostfix implements AsyncDisposable {
  private constructor(
    /** The folder in the place of `/etc/postfix`. */
    readonly configuration: string,
    /** To be put in front of `PATH`. */
    readonly programs: string,
  ) {}

  /** Writes its files into a folder, and starts it. */
  static async start(folder: string): Promise<PrivatePostfix> {
    const [configuration, programs] = [join(folder, "postfix"), join(folder, "bin")];
    for (const path of [configuration, programs, join(folder, "spool"), join(folder, "state")]) {
      await Deno.mkdir(path);
    }
    for (const path of [folder, configuration]) await Deno.chmod(path, FOR_EVERYBODY);
    await Deno.writeTextFile(join(configuration, "main.cf"), mainSettings(folder));
    await Deno.writeTextFile(join(configuration, "master.cf"), SERVICES);
    for (const name of PROGRAMS) {
      const lines =
        `MAIL_CONFIG=${configuration} LD_LIBRARY_PATH=${LIBRARIES} exec ${ROOT}/usr/sbin/${name}`;
      await Deno.writeTextFile(join(programs, name), `#!/bin/sh\n${lines} "$@"\n`, { mode: 0o755 });
    }
    await run("chown", OWNER, join(folder, "state"));
    await run(join(programs, "postfix"), "start");
    return new PrivatePostfix(configuration, programs);
  }

  /** Sets a line of main.cf. */
  async set(line: string): Promise<void> {
    await run(join(this.programs, "postconf"), "-e", line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run(join(this.programs, "postfix"), "stop");
  }
}

function mainSettings(folder: string): string {
  const libraries = `LD_LIBRARY_PATH=${LIBRARIES}`;
  return `compatibility_level = 3.6
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ ${libraries}
export_environment = TZ MAIL_CONFIG ${libraries}
queue_directory = ${folder}/spool
data_directory = ${folder}/state
daemon_directory = ${LIBRARIES}/sbin
command_directory = ${ROOT}/usr/sbin
shlib_directory = ${LIBRARIES}
meta_directory = ${ROOT}/etc/postfix
mail_owner = ${OWNER}
setgid_group = ${GROUP}
maillog_file_prefixes = ${folder}
maillog_file = ${folder}/log
myhostname = reader.localdomain
smtp_host_lookup = native
`;
}

/** @throws if it fails. */
async function run(program: string, ...args: readonly string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  if (success) return;
  const decoder = new TextDecoder();
  throw new Error(
    `${program} ${args.join(" ")}: ${decoder.decode(stdout)}${decoder.decode(stderr)}`,
  );
}
