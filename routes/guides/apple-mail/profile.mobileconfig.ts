import { HttpError } from "fresh";
import { appleProfile, endpointFor, endpointsOf, findGuide } from "../../../lib/guides/mod.ts";
import { define, userOf } from "../../../lib/web/mod.ts";

/** The configuration profile for Apple Mail. */
export const handler = define.handlers({
  GET({ state }) {
    const { smtp } = state.services;
    const { email, displayName } = userOf(state).account;
    const guide = findGuide("apple-mail");
    const endpoint = guide && endpointFor(guide, endpointsOf(smtp));
    if (!endpoint) throw new HttpError(404, "No port of this server suits Apple Mail.");
    const host = smtp.publicHost;
    const profile = appleProfile({ host, endpoint, username: email, mailbox: email, displayName });
    return new Response(profile, {
      headers: {
        "content-type": "application/x-apple-aspen-config",
        "content-disposition": 'attachment; filename="mail.mobileconfig"',
        "cache-control": "no-store",
      },
    });
  },
});
