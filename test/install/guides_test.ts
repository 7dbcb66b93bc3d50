/**
 * Guides are followed as they are written: what a reader would paste is run, with nothing changed but the password.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  findGuide,
  GUIDE_GROUPS,
  type GuideStep,
  PASSWORD_PLACEHOLDER,
} from "../../lib/guides/mod.ts";
import { ScriptedBrowser } from "../../tools/simulate/browser.ts";
import type { SmtpLogin } from "../../tools/smtp_client.ts";
import { PrivatePostfix, requirePostfix } from "./postfix.ts";
import { requireProgram, run } from "../programs.ts";
import { NORA, Testbed } from "../testbed.ts";

type Encryption = "STARTTLS" | "TLS" | "none";

let bed: Testbed;
let login: SmtpLogin;
const browser = new ScriptedBrowser();

Deno.test.beforeAll(async () => {
  bed = await Testbed.open();
  await bed.serve({ SMTP_PUBLIC_CA_FILE: bed.caFile });
  login = await bed.signIn(browser);
});
Deno.test.afterAll(async () => await bed[Symbol.asyncDispose]());

/** Returns a guide's steps, as the page shows them to Nora, for one of the ports. */
function stepsOf(slug: string, encryption: Encryption): readonly GuideStep[] {
  const { smtp, tls, startTls } = bed.ports;
  const port = { STARTTLS: startTls, TLS: tls, none: smtp }[encryption];
  return findGuide(slug)!.steps({
    ...{ host: "localhost", endpoint: { port, encryption }, caFile: bed.caFile },
    ...{ username: login.username, mailbox: NORA },
  });
}

/** Returns what a reader copies, with their password. */
function codesOf(slug: string, encryption: Encryption): readonly string[] {
  return stepsOf(slug, encryption).flatMap(({ code }) => code ?? [])
    .map((code) => code.replaceAll(PASSWORD_PLACEHOLDER, login.password));
}

/** The reader has the packages that the tests have. */
const DENO_DIR = Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache/deno");

/** A home folder of a reader, in which files are written and commands run. */
class Reader implements AsyncDisposable {
  private constructor(readonly home: string) {}

  static async arrive(): Promise<Reader> {
    return new Reader(await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_reader_" }));
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(join(this.home, name), `${text}\n`);
  }

  /** Runs a command line, and asserts that it succeeds and that one message arrives. */
  async sends(command: string, stdin = ""): Promise<void> {
    const { store } = bed.simulation.submissionServer;
    const before = store.received;
    const { code, output } = await run("sh", ["-ec", command], {
      stdin,
      cwd: this.home,
      env: { HOME: this.home, DENO_DIR, SMTP_PASSWORD: login.password },
    });
    assert.equal(code, 0, `${command}\n${output}`);
    await store.arrived(before + 1);
    assert.equal(store.received, before + 1);
    assert.equal(store.last.mailbox, NORA);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.home, { recursive: true });
  }
}

/** How a reader follows a guide that ends with a message. */
type Following = (reader: Reader, codes: readonly string[]) => Promise<void>;

/** Debian's PHPMailer in the place of the one that Composer installs. */
const AUTOLOAD = "<?php require '/usr/share/php/libphp-phpmailer/autoload.php';";

const FOLLOWINGS: Record<string, readonly [{ ignore: boolean }, Following]> = {
  swaks: [requireProgram("swaks"), (reader, [command = ""]) => reader.sends(command)],
  // curl asks for the password at the terminal.
  curl: [requireProgram("curl"), async (reader, [message = "", command = ""]) => {
    await reader.write("send.sh", `${message}\n${command}`);
    await reader.sends(
      `script --quiet --return --command 'sh send.sh' /dev/null`,
      `${login.password}\n`,
    );
  }],
  msmtp: [requireProgram("msmtp"), async (reader, [settings = "", protect = "", send = ""]) => {
    await reader.write(".msmtprc", settings);
    await reader.sends(`${protect}\n${send}`);
  }],
  python: [requireProgram("python3"), async (reader, [program = ""]) => {
    await reader.write("send.py", program);
    await reader.sends("python3 send.py");
  }],
  nodemailer: [{ ignore: false }, async (reader, [program = ""]) => {
    await reader.write("send.mjs", program);
    const config = `${Deno.cwd()}/deno.json`;
    await reader.sends(
      `${Deno.execPath()} run --quiet --cached-only -A --config ${config} send.mjs`,
    );
  }],
  php: [requireProgram("php"), async (reader, [program = ""]) => {
    await Deno.mkdir(join(reader.home, "vendor"));
    await reader.write("vendor/autoload.php", AUTOLOAD);
    await reader.write("send.php", program);
    await reader.sends("php send.php");
  }],
};

/** Debian's compiler of GCC, whose command `go` has its version in its name. */
FOLLOWINGS.go = [requireProgram("go-12", "version"), async (reader, [program = ""]) => {
  await reader.write("send.go", program);
  await reader.sends('ln -s "$(command -v go-12)" go\nPATH=.:$PATH\ngo run send.go');
}];

/** The reader's /etc/postfix is a folder of the test, and lines of main.cf are added by postconf. */
FOLLOWINGS.postfix = [requirePostfix(), async (reader, [settings = "", login = "", send = ""]) => {
  await using postfix = await PrivatePostfix.start(reader.home);
  const here = (text: string) => text.replaceAll("/etc/postfix", postfix.configuration);
  for (const line of here(settings).split("\n")) await postfix.set(line);
  await reader.write("postfix/sasl_passwd", login);
  await reader.sends(`PATH=${postfix.programs}:$PATH\n${here(send)}`);
}];

/** Sends as WordPress does with these constants: WP Mail SMTP hands them to PHPMailer. */
const WORDPRESS = `<?php require '/usr/share/php/libphp-phpmailer/autoload.php';
require 'wp-config.php';
WPMS_ON && WPMS_MAILER === 'smtp' || exit(1);
$mail = new PHPMailer\\PHPMailer\\PHPMailer(true);
$mail->isSMTP();
$mail->Host = WPMS_SMTP_HOST;
$mail->Port = WPMS_SMTP_PORT;
$mail->SMTPSecure = WPMS_SSL;
$mail->SMTPAutoTLS = WPMS_SSL !== '';
$mail->SMTPAuth = WPMS_SMTP_AUTH;
$mail->Username = WPMS_SMTP_USER;
$mail->Password = WPMS_SMTP_PASS;
$mail->setFrom(WPMS_MAIL_FROM);
$mail->addAddress(WPMS_MAIL_FROM);
$mail->Subject = $mail->Body = 'Test';
$mail->send();`;

/** Sends as Nextcloud does with these settings: it hands them to Symfony's mailer. */
const NEXTCLOUD = `<?php require '/usr/share/php/Symfony/Component/Mailer/autoload.php';
$config = require 'config.php';
$transport = new Symfony\\Component\\Mailer\\Transport\\Smtp\\EsmtpTransport(
  $config['mail_smtphost'], $config['mail_smtpport'], $config['mail_smtpsecure'] === 'ssl');
if ($config['mail_smtpsecure'] === '') $transport->getStream()->disableTls();
$transport->setUsername($config['mail_smtpname']);
$transport->setPassword($config['mail_smtppassword']);
$sender = $config['mail_from_address'] . '@' . $config['mail_domain'];
$transport->send((new Symfony\\Component\\Mime\\Email())
  ->from($sender)->to($sender)->subject('Test')->text('Test'));`;

/** Sends as Laravel does with these variables: it hands them to Symfony's mailer. */
const LARAVEL = `<?php require '/usr/share/php/Symfony/Component/Mailer/autoload.php';
$env = parse_ini_file('.env', false, INI_SCANNER_RAW);
$factory = new Symfony\\Component\\Mailer\\Transport\\Smtp\\EsmtpTransportFactory();
$transport = $factory->create(new Symfony\\Component\\Mailer\\Transport\\Dsn($env['MAIL_SCHEME'],
  $env['MAIL_HOST'], $env['MAIL_USERNAME'], $env['MAIL_PASSWORD'], (int) $env['MAIL_PORT']));
$transport->send((new Symfony\\Component\\Mime\\Email())->from($env['MAIL_FROM_ADDRESS'])
  ->to($env['MAIL_FROM_ADDRESS'])->subject('Test')->text('Test'));`;

/** Sends as GitLab does with these settings: it hands them to the gem `mail`, by way of Action Mailer. */
const GITLAB = `require 'mail'
gitlab_rails = {}
eval File.read('gitlab.rb')
exit 1 unless gitlab_rails['smtp_enable']
names = %w[address port user_name authentication enable_starttls_auto tls openssl_verify_mode ca_file]
settings = names.to_h { |name| [name.to_sym, gitlab_rails["smtp_#{name}"]] }.compact
settings[:password] = gitlab_rails['smtp_password']
mail = Mail.new(from: gitlab_rails['gitlab_email_from'], to: gitlab_rails['gitlab_email_from'],
  reply_to: gitlab_rails['gitlab_email_reply_to'], subject: 'Test', body: 'Test')
mail.delivery_method :smtp, settings
mail.deliver!`;

const withSymfony = {
  ignore: requireProgram("php").ignore ||
    requireProgram("php", "-r", `require '/usr/share/php/Symfony/Component/Mailer/autoload.php';`)
      .ignore,
};

/** Runs PHP with the test's authority, which the guide cannot name: PHP trusts the authorities of the system, of which the test's is none. */
const php = (program: string) => `php -d openssl.cafile=${bed.caFile} ${program}`;

FOLLOWINGS.wordpress = [requireProgram("php"), async (reader, [constants = ""]) => {
  await reader.write("wp-config.php", `<?php\n${constants}`);
  await reader.write("send.php", WORDPRESS);
  await reader.sends(php("send.php"));
}];
FOLLOWINGS.nextcloud = [withSymfony, async (reader, [settings = ""]) => {
  await reader.write("config.php", `<?php return [\n${settings}\n];`);
  await reader.write("send.php", NEXTCLOUD);
  await reader.sends(php("send.php"));
}];
FOLLOWINGS["php/laravel"] = [withSymfony, async (reader, [, settings = ""]) => {
  await reader.write(".env", settings);
  await reader.write("send.php", LARAVEL);
  await reader.sends(php("send.php"));
}];
FOLLOWINGS.gitlab = [
  requireProgram("ruby", "-r", "mail", "-e", ""),
  async (reader, [settings = ""]) => {
    await reader.write("gitlab.rb", settings);
    await reader.write("send.rb", GITLAB);
    await reader.sends("ruby send.rb");
  },
];

/** Guides with something to paste that no test follows, with the reason. */
const NOT_FOLLOWED: Readonly<Record<string, string>> = {
  dotnet: "MailKit comes from NuGet, and .NET is neither in Debian nor on npm.",
  powershell: "PowerShell is neither in Debian nor on npm.",
  grafana: "Grafana is not in Debian.",
  "home-assistant": "Home Assistant is not in Debian.",
  opnsense: "It is a line of a form of OPNsense.",
};

Deno.test("every guide with something to paste is followed, or has a reason", () => {
  const guides = GUIDE_GROUPS.flatMap(({ guides }) => guides).map(({ slug }) => slug)
    .filter((slug) => codesOf(slug, "STARTTLS").length > 0);
  const followed = Object.keys(FOLLOWINGS).map((name) => name.split("/")[0]!);
  const known = new Set([...followed, ...Object.keys(NOT_FOLLOWED)]);
  assert.deepEqual(guides.toSorted(), [...known].toSorted());
});

for (const [name, [options, follow]] of Object.entries(FOLLOWINGS)) {
  const [slug = ""] = name.split("/");
  for (const encryption of ["STARTTLS", "TLS", "none"] as const) {
    Deno.test({
      name: `the guide for ${name}, followed as it is written, sends a message: ${encryption}`,
      ...options,
      async fn() {
        await using reader = await Reader.arrive();
        await follow(reader, codesOf(slug, encryption));
      },
    });
  }
}

/** Returns the text of HTML. */
function textOf(html: string): string {
  return html.replaceAll(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

Deno.test("the pages show the guides as they were followed", async () => {
  for (const name of Object.keys(FOLLOWINGS)) {
    const [slug = ""] = name.split("/");
    const page = textOf((await browser.get(`${bed.url}/guides/${slug}`)).text);
    for (const { code = "" } of stepsOf(slug, "STARTTLS")) {
      assert.ok(page.includes(code), `${slug}: ${code}`);
    }
  }
});
