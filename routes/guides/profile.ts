import { HttpError } from "fresh";
import { appleProfile } from "../../lib/web/apple_profile.ts";
import { endpointFor, findGuide } from "../../lib/web/guides.ts";
import { userOf } from "../../lib/web/session.ts";
import { endpointsOf } from "../../lib/web/smtp_settings.ts";
import { define } from "../../lib/web/state.ts";

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
