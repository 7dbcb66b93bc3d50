import { activityFilter, conditionsOf, readId } from "./(_components)/activity_query.ts";
import { define, eventStream, userOf } from "../../lib/web/mod.ts";
import { activityItem } from "../(_components)/activity_item.ts";

/** New deliveries as they come. A browser that connects again says with `Last-Event-ID` what it has already. */
export const handler = define.handlers({
  GET({ req, url, state }) {
    const { services } = state;
    const { account, session } = userOf(state);
    const cookie = req.headers.get("cookie");
    const body = services.live.open({
      accountId: account.id,
      afterId: readId(req.headers.get("last-event-id")) ?? readId(url.searchParams.get("after")) ??
        0,
      filter: conditionsOf(activityFilter(url.searchParams)),
      isAuthorized: async () =>
        services.signUpPolicy.refusal(account) === undefined &&
        (await services.sessions.read(cookie))?.accountId === session.accountId,
      format: (deliveries) =>
        JSON.stringify(
          deliveries.map((one) => activityItem(one, account, { contact: services.contact })),
        ),
    });
    return body
      ? eventStream(body)
      : new Response("Too many windows show this page.", { status: 429 });
  },
});
