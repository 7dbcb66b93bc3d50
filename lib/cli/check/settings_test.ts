import assert from "node:assert/strict";
import { parseConfig, SETTINGS } from "../../config/mod.ts";
import { ok, warning } from "../../checks/mod.ts";
import { settingsResult } from "./settings.ts";

const SETTINGS_IN_USE = {
  APP_SECRETS: "app-1:secret-1",
  SESSION_SECRET: "0123456789abcdef0123456789abcdef",
  SMTP_PUBLIC_HOST: "smtp.example.com",
  SMTP_HOST: "localhost",
  SMTP_PORT: "2525",
  ALLOWED_DOMAINS_LIST: "example.com",
};

function settingFindings(changes: Record<string, string>) {
  const config = () => parseConfig({ ...SETTINGS_IN_USE, ...changes }, () => "");
  return settingsResult(config).findings;
}

const VALID = ok(`all ${SETTINGS.length} settings are valid`);

Deno.test("settingsResult() finds nothing wrong in ordinary settings, and tells the redirect URI", () => {
  const redirectUri = ok(
    "redirect URI to register with Microsoft: https://mail.example.com/proxy/auth",
  );
  const findings = settingFindings({ PUBLIC_URL: "https://mail.example.com/proxy/" });
  assert.deepEqual(findings, [VALID, redirectUri]);
});

Deno.test("settingsResult() warns of a former setting, and says what became of it", () => {
  const [, , ...warnings] = settingFindings({ SMTP_WORKERS: "4" });
  assert.deepEqual(warnings, [
    warning(
      "SMTP_WORKERS is no longer a setting.",
      "One thread serves all mail clients, faster than several did. Remove it.",
    ),
  ]);
});
