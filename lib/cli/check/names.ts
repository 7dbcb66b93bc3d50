import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Config } from "../../config/mod.ts";
import { type Check, failure, type Finding, ok } from "./finding.ts";

/** The public names, in DNS. */
export function namesCheck({ smtp, publicUrl }: Config): Check {
  const names = new Map([[smtp.publicHost, "SMTP_PUBLIC_HOST"]]);
  const webHost = publicUrl && new URL(publicUrl).hostname.replace(/^\[|\]$/g, "");
  if (webHost && !names.has(webHost)) names.set(webHost, "PUBLIC_URL");
  return {
    name: "names",
    run: () => Promise.all([...names].map(([name, setting]) => findName(name, setting))),
  };
}

async function findName(name: string, setting: string): Promise<Finding> {
  if (isIP(name)) return ok(`${name} (${setting}) is an address`);
  try {
    const found = await lookup(name, { all: true });
    const addresses = [...new Set(found.map(({ address }) => address))].join(", ");
    return ok(`${name} (${setting}) is ${addresses}`);
  } catch (error) {
    return failure(
      `${name} (${setting}) is not known to DNS (${(error as NodeJS.ErrnoException).code})`,
      `Add an A or AAAA record for ${name}, or correct ${setting}.`,
    );
  }
}
