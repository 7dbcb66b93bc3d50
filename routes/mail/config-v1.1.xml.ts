import { autoconfigXml, endpointsOf } from "../../lib/guides/mod.ts";
import { define } from "../../lib/web/mod.ts";

/** Where Thunderbird looks for the settings of a domain. */
export const handler = define.handlers({
  GET({ state: { services: { smtp } } }) {
    return new Response(autoconfigXml(smtp.publicHost, endpointsOf(smtp)), {
      headers: { "content-type": "text/xml; charset=utf-8", "cache-control": "max-age=3600" },
    });
  },
});
