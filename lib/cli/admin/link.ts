import { COMMAND_LINE, LINK_LIFETIME_MS } from "../../admin/mod.ts";
import { MINUTE_MS } from "../../base/mod.ts";
import type { Config } from "../../config/mod.ts";
import { formatAddress } from "../../../smtp/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { withServices } from "../services.ts";

/** `admin link`. */
export const adminLinkCommand: Command = {
  name: "admin link",
  summary: "print a one-time link to the administration, which needs no sign-in",
  details:
    "For installations without a sign-in on the web, and for the first administrator. The link works once, within\n" +
    `${
      LINK_LIFETIME_MS / MINUTE_MS
    } minutes; it opens the administration alone, for a working day. Anyone who has it can do\n` +
    "everything there: do not share it. Accounts in ADMIN_EMAILS do not need one.",
  run: withServices(link),
};

async function link({ output }: Call, { adminAccess, audit, config }: Services): Promise<number> {
  const url = `${addressOf(config)}/setup?token=${await adminAccess.createLink()}`;
  await audit.record(COMMAND_LINE, "made a one-time link", "the administration");
  const minutes = LINK_LIFETIME_MS / MINUTE_MS;
  output.show({ url, expiresInSeconds: LINK_LIFETIME_MS / 1000 }, () => {
    output.line(url);
    output.line(`Open it within ${minutes} minutes. It works once.`);
    if (config.publicUrl === undefined) {
      output.line("If the web pages have another address, put it in front of /setup.");
    }
  });
  return EXIT.ok;
}

function addressOf({ publicUrl, http, smtp }: Config): string {
  if (publicUrl !== undefined) return publicUrl;
  return `${http.certificate ? "https" : "http"}://${
    formatAddress(smtp.publicHost, http.ports[0]!)
  }`;
}
