import assert from "node:assert/strict";
import { type Config, parseConfig } from "../../config/config.ts";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { checkWorkers } from "./parts.ts";

function configWith(workers: string): Config {
  return parseConfig({
    APP_SECRETS: "application-id:secret",
    SESSION_SECRET: "at-least-32-random-characters-xx",
    SMTP_PUBLIC_HOST: "mail.example.com",
    SMTP_PORT: "25",
    SMTP_WORKERS: workers,
  }, { readFile: Deno.readTextFileSync, production: true });
}

Deno.test("checkWorkers() lets a server have workers where the system shares connections out", () => {
  for (const os of ["linux", "darwin", "windows"] as const) checkWorkers(configWith("0"), os);
  checkWorkers(configWith("4"), "linux");
  for (const os of ["darwin", "windows"] as const) {
    assert.throws(() => checkWorkers(configWith("4"), os), (error) => {
      assert(error instanceof CommandError);
      assert.match(error.message, /^SMTP_WORKERS works on Linux alone/);
      assert.equal(error.exitCode, EXIT.config);
      return true;
    });
  }
});
