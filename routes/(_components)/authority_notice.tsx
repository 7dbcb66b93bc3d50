import { AUTHORITY_PATH } from "../../lib/http/mod.ts";
import type { Site } from "../../lib/web/mod.ts";

/** Tells that devices have to trust the server's own certificate authority. */
export function AuthorityNotice({ site }: { site: Site }) {
  return (
    <p class="notice">
      This server has a certificate authority of its own. Install{" "}
      <a href={site.path(AUTHORITY_PATH)}>its certificate (ca.crt)</a>{" "}
      once on each device or program, as a trusted authority; otherwise it refuses to connect, or
      asks whether to go on.
    </p>
  );
}
