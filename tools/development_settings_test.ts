import assert from "node:assert/strict";
import { parseConfig } from "../lib/config/mod.ts";
import { developmentSettings } from "./development_settings.ts";

const SETTINGS = {
  APP_SECRETS: "id:secret-text",
  SESSION_SECRET: "0123456789abcdef0123456789abcdef",
  SMTP_PUBLIC_HOST: "mail.example.com",
  SMTP_STARTTLS_PORT: "5587",
};

Deno.test("developmentSettings() listens on this machine, with a certificate of its own", async () => {
  const directory = await Deno.makeTempDir();
  const added = await developmentSettings(SETTINGS, directory);
  const { smtp, http } = parseConfig({ ...SETTINGS, ...added }, Deno.readTextFileSync);
  assert.deepEqual(smtp.hosts, ["127.0.0.1", "::1"]);
  assert.deepEqual(http.hosts, smtp.hosts);
  assert.ok(smtp.certificate);
  const ca = await Deno.readTextFile(`${directory}/ca.pem`);
  await developmentSettings(SETTINGS, directory);
  assert.equal(await Deno.readTextFile(`${directory}/ca.pem`), ca, "clients trust it already");
  await Deno.remove(directory, { recursive: true });
});

Deno.test("developmentSettings() leaves alone what is set", async () => {
  const set = { ...SETTINGS, SMTP_HOST: "", SMTP_CERT_FILE: "cert.pem" };
  assert.deepEqual(await developmentSettings(set, "unused"), {});
  const plain = { SMTP_PORT: "2525" };
  assert.deepEqual(await developmentSettings(plain, "unused"), { SMTP_HOST: "localhost" });
});
