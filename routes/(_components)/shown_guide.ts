import type { GuideChoice, ShownGuide } from "../../islands/guide_here.tsx";
import {
  endpointFor,
  endpointsOf,
  findGuide,
  type Guide,
  GUIDE_GROUPS,
} from "../../lib/guides/mod.ts";
import type { State } from "../../lib/web/mod.ts";

/** Stands for the address of visitors who are not signed in. */
export const ANYBODY = "you@outlook.com";

/** Returns the guide at `/guides/<slug>`, filled in with the reader's values. */
export function shownGuide(state: State, slug: string): ShownGuide | undefined {
  const guide = findGuide(slug);
  return guide && { name: guide.name, needs: guide.needs, steps: stepsOf(state, guide) };
}

function stepsOf({ services: { smtp }, user, site }: State, guide: Guide): ShownGuide["steps"] {
  const endpoint = endpointFor(guide, endpointsOf(smtp));
  const mailbox = user?.account.email ?? ANYBODY;
  const { publicHost: host, publicCaFile: caFile } = smtp;
  const values = { host, caFile, username: mailbox, mailbox };
  return endpoint && guide.steps({ ...values, endpoint }).map((step) => ({
    ...step,
    ...step.download && {
      download: { label: step.download.label, path: site.path(step.download.path) },
    },
  }));
}

/** All guides, to choose from. */
export const GUIDE_CHOICES: readonly GuideChoice[] = GUIDE_GROUPS.flatMap(({ name, guides }) =>
  guides.map((guide) => ({ slug: guide.slug, name: guide.name, group: name }))
);
