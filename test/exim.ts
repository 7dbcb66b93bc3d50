/**
 * Exim from Debian as a submission server with TLS, XOAUTH2 and BDAT: written by others, from the same RFCs.
 *
 * @module
 */
import { basename, join } from "node:path";
import type { CertificatePair } from "../smtp/mod.ts";

export const EXIM = "exim4";

/** Whom Exim lets in, and where it puts what it gets. */
interface EximOptions {
  readonly port: number;
  readonly certificate: CertificatePair;
  /** The user name that XOAUTH2 has to name; any token is good. */
  readonly user: string;
}

/** Exim drops its rights at the start, and its own user has to get at everything here. */
const FOR_EVERYBODY = 0o777;

const configuration = (directory: string, { port, user }: EximOptions) => `
primary_hostname = localhost
local_interfaces = <; 127.0.0.1 ; ::1
daemon_smtp_ports = ${port}
spool_directory = ${directory}/spool
log_file_path = ${directory}/%slog
pid_file_path = ${directory}/pid
tls_certificate = ${directory}/cert.pem
tls_privatekey = ${directory}/key.pem
tls_advertise_hosts = *
chunking_advertise_hosts = *
smtputf8_advertise_hosts = *
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
message_size_limit = 150M
# Otherwise the eleventh message of a connection waits for a queue runner.
smtp_accept_queue_per_connection = 0
received_header_text =
acl_smtp_rcpt = known
keep_environment =
begin acl
known:
  accept authenticated = *
begin routers
all:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = ${directory}/mail
  maildir_format
  batch_max = 100
  message_prefix =
  message_suffix =
  use_crlf
  no_mode_fail_narrower
begin authenticators
xoauth2:
  driver = plaintext
  public_name = XOAUTH2
  server_prompts = :
  server_condition = \${if match{$auth1}{\\N^user=${user}\\x01auth=Bearer [^\\x01]+\\x01\\x01$\\N}}
  server_set_id = ${user}
`;

const FOLDERS = [".", "spool", "mail", "mail/new", "mail/cur", "mail/tmp"];

/** A running Exim. */
export class Exim implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #directory: string;
  readonly #arrivals: AsyncGenerator<string, never>;

  private constructor(child: Deno.ChildProcess, directory: string) {
    this.#child = child;
    this.#directory = directory;
    this.#arrivals = newFiles(join(directory, "mail/new"));
  }

  /** Starts it, and waits until it listens. */
  static async start(options: EximOptions): Promise<Exim> {
    const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_exim_" });
    const path = (name: string) => join(directory, name);
    for (const folder of FOLDERS) {
      await Deno.mkdir(path(folder), { recursive: true });
      await Deno.chmod(path(folder), FOR_EVERYBODY);
    }
    await Deno.writeTextFile(path("cert.pem"), options.certificate.cert);
    await Deno.writeTextFile(path("key.pem"), options.certificate.key);
    await Deno.writeTextFile(path("exim.conf"), configuration(directory, options));
    const files = newFiles(directory);
    const child = new Deno.Command(EXIM, {
      args: ["-C", path("exim.conf"), "-bdf"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    // It writes its process number when its ports are open.
    for await (const file of files) if (basename(file) === "pid") break;
    return new Exim(child, directory);
  }

  /** The next message, as it arrived. */
  async nextMessage(): Promise<Uint8Array> {
    return await Deno.readFile((await this.#arrivals.next()).value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#arrivals.return(undefined as never);
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await Deno.remove(this.#directory, { recursive: true });
  }
}

/** The files that appear in a folder, from now on, each once. */
function newFiles(folder: string): AsyncGenerator<string, never> {
  const watcher = Deno.watchFs(folder, { recursive: false });
  const known = new Set<string>();
  return (async function* () {
    using _watcher = watcher;
    for await (const { paths } of watcher) {
      for (const path of paths) {
        if (known.has(path)) continue;
        known.add(path);
        yield path;
      }
    }
    throw new Error("nobody watches any more");
  })();
}
