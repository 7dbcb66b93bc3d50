import assert from "node:assert/strict";
import { join } from "node:path";
import { parseConfig } from "../../config/config.ts";
import { parseEnvFile } from "../../config/environment.ts";
import { runCommandLine } from "../command_line.ts";
import { Output } from "../output.ts";
import { type Answers, CERTIFICATES, envFileText, SENDERS } from "./env_file.ts";
import { initCommand } from "./init.ts";

const SECRET = "x".repeat(44);

/** Runs `init` in a folder. @param answers Those of the person at the terminal, in order. */
async function init(path: string, args: readonly string[], answers: string[] = []) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const code = await runCommandLine(["init", "--env-file", path, ...args], [initCommand], {
    output: new Output({ write, writeError: write, colours: false }),
    environment: {},
    readFile: Deno.readTextFileSync,
    ask: () => answers.shift(),
    confirm: () => false,
    createPages: () => Promise.reject(new Error("unused")),
    dialer: { connect: () => Promise.reject(new Error("unused")) },
  });
  return { code, text: lines.join("\n") };
}

Deno.test("envFileText() makes settings that only lack the app registration", () => {
  for (const senders of Object.keys(SENDERS) as Answers["senders"][]) {
    for (const certificate of CERTIFICATES.filter((kind) => kind !== "files")) {
      const text = envFileText({ host: "mail.example.com", senders, certificate }, SECRET);
      const config = parseConfig({ ...parseEnvFile(text), APP_SECRETS: "id:secret" }, () => "");
      assert.equal(config.microsoft.tenant, SENDERS[senders]);
      assert.equal(config.smtp.publicHost, "mail.example.com");
    }
  }
});

Deno.test("envFileText() names the files of a certificate", () => {
  const answers = { host: "mail.example.com", senders: "both", certificate: "files" } as const;
  const settings = parseEnvFile(envFileText(answers, SECRET));
  assert.equal(settings.SMTP_CERT_FILE, "/etc/letsencrypt/live/mail.example.com/fullchain.pem");
  assert.equal(settings.PUBLIC_URL, "https://mail.example.com");
});

Deno.test("envFileText() makes a certificate come by itself, and the operator an administrator", () => {
  const answers = {
    ...{ host: "mail.example.com", senders: "personal", certificate: "automatic" } as const,
    ...{ email: "nora@outlook.com", appSecrets: "id:secret-value" },
  };
  const config = parseConfig(parseEnvFile(envFileText(answers, SECRET)), () => "");
  assert.equal(config.automaticCertificate?.acme?.email, "nora@outlook.com");
  assert.deepEqual(config.adminEmails, ["nora@outlook.com"]);
  assert.equal(config.registrationRules.length, 1);
  assert.deepEqual(config.warnings, []);
  assert.equal(config.publicUrl, "https://mail.example.com");
});

Deno.test("envFileText() lets in the operator's organisation alone", () => {
  const answers = {
    host: "mail.example.com",
    senders: "organisation",
    certificate: "lan",
  } as const;
  const text = envFileText({ ...answers, email: "it@example.com" }, SECRET);
  assert.equal(parseEnvFile(text).MICROSOFT_TENANT, "example.com");
  assert.equal(parseEnvFile(envFileText(answers, SECRET)).MICROSOFT_TENANT, "organizations");
});

Deno.test("envFileText() sets up a local network with TLS", () => {
  const answers = { host: "192.168.1.10", senders: "both", certificate: "lan" } as const;
  const text = envFileText({ ...answers, appSecrets: "id:secret-value" }, SECRET);
  const config = parseConfig(parseEnvFile(text), () => "");
  assert.deepEqual(config.automaticCertificate?.names, ["192.168.1.10"]);
  assert.deepEqual(config.smtp.ports.plain, []);
});

Deno.test("`init` asks, writes a private file, and tells the redirect URI and what is missing", async () => {
  const directory = await Deno.makeTempDir();
  const path = join(directory, "env");
  const { code, text } = await init(path, [], ["mail.example.com", "personal", "proxy"]);
  assert.equal(code, 0, text);
  assert.match(text, /^ {2}https:\/\/mail\.example\.com\/auth$/m);
  assert.match(text, /failure +settings +APP_SECRETS is required/);
  assert.match(text, /^1 failure, 0 warnings\.$/m);
  if (Deno.build.os !== "windows") assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
  assert.match(await Deno.readTextFile(path), /^SESSION_SECRET=[\w-]{44}$/m);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("`init` takes options as answers, and replaces a file only with --force", async () => {
  const directory = await Deno.makeTempDir();
  const path = join(directory, "env");
  const args = ["--host", "nas.lan", "--senders", "both", "--certificate", "lan"];
  assert.equal((await init(path, args)).code, 0);
  const first = await Deno.readTextFile(path);
  const refused = await init(path, args);
  assert.notEqual(refused.code, 0);
  assert.match(refused.text, /exists and was not changed/);
  assert.equal(await Deno.readTextFile(path), first);
  assert.equal((await init(path, [...args, "--force"])).code, 0);
  assert.notEqual(await Deno.readTextFile(path), first);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("`init` names the option that is missing or wrong, and writes nothing", async () => {
  const path = join(Deno.makeTempDirSync(), "env");
  assert.match((await init(path, [])).text, /--host is missing/);
  assert.match((await init(path, ["--host", "a b"])).text, /neither a host name nor/);
  const options = ["--host", "a.example", "--senders", "both", "--certificate", "lan"];
  assert.match((await init(path, [...options, "--email", "me"])).text, /"me" is not an e-mail/);
  const wrong = await init(path, ["--host", "a.example", "--senders", "all"]);
  assert.match(wrong.text, /"all" is not one of: personal, organisation, both/);
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
});

Deno.test("`init` asks again after a mistake, and takes what was meant", async () => {
  const directory = await Deno.makeTempDir();
  const path = join(directory, "env");
  const { code, text } = await init(path, [], [
    ...["", "a b", "mail.example.com:2525", " https://Mail.Example.COM/ "],
    ...["all", "Organization", "acme", "auto", "it", "it@example.com", "only-an-id", "'id:s~1'"],
  ]);
  assert.equal(code, 0, text);
  assert.match(text, /"mail\.example\.com:2525" has a port\. Leave it out: mail\.example\.com/);
  assert.match(text, /^ {2}https:\/\/mail\.example\.com\/auth$/m);
  const settings = parseEnvFile(await Deno.readTextFile(path));
  assert.equal(settings.SMTP_PUBLIC_HOST, "mail.example.com");
  assert.equal(settings.ACME_EMAIL, "it@example.com");
  assert.equal(settings.MICROSOFT_TENANT, "example.com");
  assert.equal(settings.APP_SECRETS, "id:s~1");
  await Deno.remove(directory, { recursive: true });
});

Deno.test("`init` promises no certificate that nobody would issue", async () => {
  const path = join(Deno.makeTempDirSync(), "env");
  for (const host of ["192.168.1.10", "nas", "localhost", "mail.office.lan"]) {
    const options = ["--host", host, "--senders", "both", "--certificate", "automatic"];
    assert.match((await init(path, options)).text, /not a public name\. Choose lan/);
  }
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
});

Deno.test("`init` does not show a secret in an app registration that is none", async () => {
  const path = join(Deno.makeTempDirSync(), "env");
  const options = ["--host", "a.example", "--senders", "both", "--certificate", "lan"];
  const { text } = await init(path, [...options, "--app-secrets", "S3cret~"]);
  assert.match(text, /application ID, a colon, and the value/);
  assert.ok(!text.includes("S3cret~"));
});

Deno.test("`init` keeps a secret with a number sign whole, and quotes an odd path", async () => {
  const directory = await Deno.makeTempDir();
  const path = join(directory, "my env");
  const options = ["--host", "a.example", "--senders", "both", "--certificate", "lan"];
  const { text } = await init(path, [...options, "--app-secrets", "id:se#cret"]);
  assert.ok(text.includes(`serve --env-file '${path}'`), text);
  assert.equal(parseEnvFile(await Deno.readTextFile(path)).APP_SECRETS, "id:se#cret");
  await Deno.remove(directory, { recursive: true });
});

Deno.test("`init` says why it cannot write a file", async () => {
  const directory = await Deno.makeTempDir();
  const options = ["--host", "a.example", "--senders", "both", "--certificate", "lan"];
  assert.match((await init(directory, options)).text, /is not a file\. Name a file in it/);
  const nowhere = join(directory, "none", "env");
  assert.match((await init(nowhere, options)).text, /its folder does not exist/);
  await Deno.remove(directory, { recursive: true });
});
