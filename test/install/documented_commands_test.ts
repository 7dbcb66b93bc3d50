/**
 * Every command in the documents is run by a test, or has a reason why no test can run it. Settings among the commands are
 * those that the program reads.
 */
import assert from "node:assert/strict";
import { parseConfig } from "../../lib/config/config.ts";
import { ConfigError, SETTINGS } from "../../lib/config/mod.ts";
import { blocksOf } from "./clone.ts";
import { documents } from "./documents.ts";

/** The tests that run a block, by its document and its beginning. */
const RUN: readonly (readonly [document: string, beginning: string, test: string])[] = [
  ["README.md", "npx --yes deno@2.9.6 task dev", "demo_test.ts"],
  ["README.md", "cat > settings.env", "docker_check.ts"],
  ["README.md", "deno task init", "install_office_test.ts"],
  ["README.md", "APP_SECRETS=", "fresh_clone_test.ts"],
  ["README.md", "deno task start", "fresh_clone_test.ts"],
  ["README.md", "deno task check", "install_office_test.ts"],
  ["README.md", "deno task send", "commands_test.ts"],
  ["CONTRIBUTING.md", "docker build", "docker_check.ts"],
  ["docs/clients.md", "swaks", "commands_test.ts"],
  ["docs/install/office.md", "deno task init", "install_office_test.ts"],
  ["docs/install/office.md", "deno task start", "install_office_test.ts"],
  ["docs/install/office.md", "tools/smtp-oauth2-proxy check", "install_office_test.ts"],
  ["docs/install/office.md", "tools/smtp-oauth2-proxy account add", "install_office_test.ts"],
  ["docs/install/vps.md", "mkdir -p /srv", "docker_check.ts"],
  ["docs/install/vps.md", "docker run", "docker_check.ts"],
  ["docs/install/vps.md", "git clone", "install_vps_test.ts"],
  ["docs/install/vps.md", "smtp-oauth2-proxy init", "install_vps_test.ts"],
  ["docs/install/vps.md", "systemctl enable", "install_vps_test.ts"],
  ["docs/install/vps.md", "cd /opt/smtp-oauth2-proxy", "install_vps_test.ts"],
  ["docs/install/vps.md", "systemctl disable", "install_vps_test.ts"],
  ["docs/install/vps.md", "smtp-oauth2-proxy account add", "install_vps_test.ts"],
  ["docs/microsoft-setup.md", "tools/smtp-oauth2-proxy check", "commands_test.ts"],
  ["docs/moving.md", "cp /path/to/old/env env", "moving_test.ts"],
  ["docs/moving.md", "tools/smtp-oauth2-proxy account import", "moving_test.ts"],
  ["docs/moving.md", "deno task start", "moving_test.ts"],
  ["docs/moving.md", "tools/smtp-oauth2-proxy send", "moving_test.ts"],
  ["docs/moving.md", "docker run --rm --env-file", "docker_check.ts"],
  ["docs/moving.md", "docker run --rm --user root", "docker_check.ts"],
  ["docs/operations.md", "smtp-oauth2-proxy check", "commands_test.ts"],
  ["docs/operations.md", "docker build", "docker_check.ts"],
  ["docs/operations.md", "deno task compile", "commands_test.ts"],
  ["docs/operations.md", "deno run --cached-only", "commands_test.ts"],
  ["docs/operations.md", "certbot certonly", "commands_test.ts"],
  ["docs/operations.md", "smtp-oauth2-proxy backup", "commands_test.ts"],
  ["docs/organisation.md", "openssl req", "../mailbox_test.ts"],
  ["docs/organisation.md", "smtp-oauth2-proxy registration organisation", "../mailbox_test.ts"],
  ["docs/organisation.md", "smtp-oauth2-proxy mailbox add", "../mailbox_test.ts"],
  ["docs/organisation.md", "smtp-oauth2-proxy admin link", "../mailbox_test.ts"],
  ["docs/organisation.md", "smtp-oauth2-proxy account password create", "../mailbox_test.ts"],
  ["docs/organisation.md", "smtp-oauth2-proxy account password change", "../mailbox_test.ts"],
  ["docs/replicas.md", "smtp-oauth2-proxy database copy", "commands_test.ts"],
  ["docs/troubleshooting.md", "tools/smtp-oauth2-proxy check", "commands_test.ts"],
];

const EXCHANGE = "It takes Exchange Online, and PowerShell, which neither Debian nor npm has.";
const SYSTEMD = "It takes a machine that systemd has started.";

/** Blocks that no test runs, with the reason. */
const NOT_RUN: readonly (readonly [document: string, beginning: string, reason: string])[] = [
  ["README.md", "npx --yes deno@2.9.6 task test", "It runs this test; `.ci/run` runs it."],
  [
    "CONTRIBUTING.md",
    "deno task dev",
    "It runs this test, too; demo_test.ts runs `dev`, `.ci/run` runs `ok`.",
  ],
  [
    "CONTRIBUTING.md",
    "deno task docs",
    "It writes into the repository; docs_test.ts compares what it would write.",
  ],
  ["bench/README.md", "deno task bench", "It takes minutes; commands_test.ts runs its --help."],
  ["bench/README.md", "deno task soak", "It takes minutes; commands_test.ts runs its --help."],
  ["bench/README.md", "deno run -A bench/profile.ts", "It takes minutes."],
  [
    "docs/architecture.md",
    "deno task --config deno.jsr.json",
    "Fresh itself comes from JSR, which tests do without.",
  ],
  ["docs/microsoft-setup.md", "Connect-ExchangeOnline", EXCHANGE],
  ["docs/microsoft-setup.md", "Set-TransportConfig", EXCHANGE],
  ["docs/microsoft-setup.md", "Add-RecipientPermission", EXCHANGE],
  ["docs/install/office.md", "Set-CASMailbox", EXCHANGE],
  ["docs/organisation.md", "Connect-ExchangeOnline", EXCHANGE],
  ["docs/organisation.md", "Get-Mailbox", EXCHANGE],
  ["docs/organisation.md", "az ad app", "It takes an Azure subscription."],
  ["docs/troubleshooting.md", "Set-CASMailbox", EXCHANGE],
  ["docs/troubleshooting.md", "Add-RecipientPermission", EXCHANGE],
  ["docs/operations.md", "cp docs/operations/smtp-oauth2-proxy.user.service", SYSTEMD],
  ["docs/operations.md", "acme.sh --issue", "acme.sh is not in Debian."],
  ["docs/replicas.md", "systemctl enable", SYSTEMD],
];

/** All blocks of commands, each with its document. */
const blocks = (await Promise.all(
  [...documents.keys()].flatMap((path) =>
    ["sh", "powershell"].map(async (language) =>
      (await blocksOf(path, language)).map((text) => ({ path, text }))
    )
  ),
)).flat();

const SETTING_LINE = /^[A-Z][A-Z0-9_]*=/;

function isSettings(text: string): boolean {
  return text.trim().split("\n").every((line) => SETTING_LINE.test(line));
}

Deno.test("every command in the documents is run by a test, or has a reason", async () => {
  const entries = [...RUN, ...NOT_RUN];
  const used = new Set<(typeof entries)[number]>();
  const lost: string[] = [];
  for (const { path, text } of blocks) {
    const entry = entries.find(([document, beginning]) =>
      document === path && text.startsWith(beginning)
    );
    if (entry) used.add(entry);
    else if (!isSettings(text)) lost.push(`${path}: ${text.split("\n")[0]}`);
  }
  assert.ok(blocks.length > 60, `only ${blocks.length} blocks were found`);
  assert.deepEqual(lost, [], "these commands are neither run nor have a reason");
  assert.deepEqual(entries.filter((entry) => !used.has(entry)), [], "nothing begins like this");
  for (const [document, , test] of RUN) {
    const source = await Deno.readTextFile(new URL(test, import.meta.url));
    assert.ok(source.includes(document), `${test} does not name ${document}`);
  }
});

const MINIMAL: Readonly<Record<string, string>> = {
  APP_SECRETS: "another-id:secret",
  SESSION_SECRET: "x".repeat(32),
  SMTP_PUBLIC_HOST: "mail.example.com",
  SMTP_PORT: "25",
};

/** Returns what is wrong with values that are given, not with files that a reader has. */
function faultsOf(text: string): readonly string[] {
  const given = Object.fromEntries(
    text.trim().split("\n").map((line) => [line.replace(/=.*/, ""), line.replace(/^[^=]*=/, "")]),
  );
  try {
    parseConfig({ ...MINIMAL, ...given }, () => "");
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.filter(({ message }) => !/file/.test(message))
      .map(({ variable, message }) => `${variable} ${message}`);
  }
}

Deno.test("the settings in the documents are settings that the program takes", async () => {
  const names: readonly string[] = SETTINGS.map(({ name }) => name);
  const ini = await Promise.all(
    [...documents.keys()].map(async (path) =>
      (await blocksOf(path, "ini")).map((text) => ({ path, text }))
    ),
  );
  const settings = [...blocks, ...ini.flat()].filter(({ text }) => isSettings(text));
  assert.ok(settings.length >= 6, `only ${settings.length} blocks were found`);
  for (const { path, text } of settings) {
    for (const line of text.trim().split("\n")) {
      assert.ok(names.includes(line.replace(/=.*/, "")), `${path}: ${line}`);
    }
    // The length of its placeholder says what is needed; a reader replaces it.
    const filled = text.replace("at-least-32-random-characters", "$&-xxxxxxxxxx")
      .replace("tenant-id", crypto.randomUUID());
    assert.deepEqual(faultsOf(filled), [], path);
  }
});
