/**
 * Set-up guides for mail programs and devices, filled in with the reader's own values.
 *
 * @module
 */
import { COMMAND_LINE } from "./command_line.ts";
import { DEVICES } from "./devices.ts";
import type { Guide } from "./guide.ts";
import { MAIL_PROGRAMS } from "./mail_programs.ts";
import { PROGRAMMING } from "./programming.ts";
import { WEB_SOFTWARE } from "./web_software.ts";
import type { Encryption, Endpoint } from "./smtp_settings.ts";

/** Guides that belong together. */
export interface GuideGroup {
  readonly name: string;
  readonly guides: readonly Guide[];
}

export const GUIDE_GROUPS: readonly GuideGroup[] = [
  { name: "Mail programs", guides: MAIL_PROGRAMS },
  { name: "Printers and storage", guides: DEVICES },
  { name: "Web sites and home servers", guides: WEB_SOFTWARE },
  { name: "Linux and the command line", guides: COMMAND_LINE },
  { name: "Your own programs", guides: PROGRAMMING },
];

/** Returns the guide at `/guides/<slug>`. */
export function findGuide(slug: string): Guide | undefined {
  return GUIDE_GROUPS.flatMap(({ guides }) => guides).find((guide) => guide.slug === slug);
}

const USUAL: readonly Encryption[] = ["STARTTLS", "TLS", "none"];

/** Returns the port that suits a guide best; undefined when none is open. */
export function endpointFor(
  { prefers = USUAL }: Guide,
  endpoints: readonly Endpoint[],
): Endpoint | undefined {
  return prefers.map((wanted) => endpoints.find(({ encryption }) => encryption === wanted))
    .find((endpoint) => endpoint !== undefined);
}
