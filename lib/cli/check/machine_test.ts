import assert from "node:assert/strict";
import { parseConfig, SETTINGS } from "../../config/mod.ts";
import { ok, warning } from "./finding.ts";
import { machineChecks } from "./machine.ts";

const SETTINGS_IN_USE = {
  APP_SECRETS: "app-1:secret-1",
  SESSION_SECRET: "0123456789abcdef0123456789abcdef",
  SMTP_PUBLIC_HOST: "smtp.example.com",
  SMTP_HOST: "localhost",
  SMTP_PORT: "2525",
  ALLOWED_DOMAINS_LIST: "example.com",
};

function settingFindings(changes: Record<string, string>) {
  const config = parseConfig({ ...SETTINGS_IN_USE, ...changes }, () => "");
  return machineChecks(config).find(({ name }) => name === "settings")?.run();
}

Deno.test("the check of the settings finds nothing wrong in ordinary ones", async () => {
  const valid = ok(`all ${SETTINGS.length} settings are valid`);
  assert.deepEqual(await settingFindings({}), [valid]);
});

Deno.test("the check of the settings warns of a former one, and says what became of it", async () => {
  const [, ...warnings] = await settingFindings({ SMTP_WORKERS: "4" }) ?? [];
  assert.deepEqual(warnings, [
    warning(
      "SMTP_WORKERS is no longer a setting.",
      "One thread serves all mail clients, faster than several did. Remove it.",
    ),
  ]);
});
