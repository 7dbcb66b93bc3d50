import { autoconfigXml } from "../lib/web/autoconfig.ts";
import { endpointsOf } from "../lib/web/smtp_settings.ts";
import { define } from "../lib/web/state.ts";

/** Where Thunderbird looks for the settings of a domain. */
export const handler = define.handlers({
  GET({ state: { services: { smtp } } }) {
    return new Response(autoconfigXml(smtp.publicHost, endpointsOf(smtp)), {
      headers: { "content-type": "text/xml; charset=utf-8", "cache-control": "max-age=3600" },
    });
  },
});
