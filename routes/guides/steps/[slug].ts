import { HttpError } from "fresh";
import { define } from "../../../lib/web/mod.ts";
import { shownGuide } from "../../(_components)/shown_guide.ts";

/** The steps of a guide as data, for a page that shows them in place. */
export const handler = define.handlers({
  GET({ params, state }) {
    const guide = shownGuide(state, params.slug ?? "");
    if (!guide) throw new HttpError(404, "There is no such guide.");
    return Response.json(guide);
  },
});
