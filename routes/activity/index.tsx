import { page } from "fresh";
import ActivityList from "../../islands/activity_list.tsx";
import {
  type ActivityFilter,
  activityFilter,
  activityQuery,
} from "./(_components)/activity_query.ts";
import { define, type State, userOf } from "../../lib/web/mod.ts";
import { PageLink } from "../(_components)/page_link.tsx";
import { ActivityForm } from "./(_components)/activity_form.tsx";
import { activityItem } from "../(_components)/activity_item.ts";

const PAGE_SIZE = 50;

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Activity";
    return page(await activityData(ctx.state, activityFilter(ctx.url.searchParams)));
  },
});

async function activityData(state: State, filter: ActivityFilter) {
  const { account } = userOf(state);
  const found = await state.services.store.deliveries.list({
    ...filter,
    accountId: account.id,
    limit: PAGE_SIZE + 1,
  });
  const shown = found.slice(0, PAGE_SIZE);
  return {
    filter,
    items: shown.map((delivery) => activityItem(delivery, account, state.services.contact)),
    newestId: shown[0]?.id ?? 0,
    /** Where the next page begins; undefined on the last one. */
    olderThanId: found.length > PAGE_SIZE ? shown.at(-1)?.id : undefined,
  };
}

/** The account's deliveries: searched, in pages, and live on the first one. */
export default define.page<typeof handler>(({ data, state: { site, services } }) => {
  const { filter, items, newestId, olderThanId } = data;
  const isFirst = filter.beforeId === undefined;
  const isFiltered = filter.search !== undefined || filter.outcome !== undefined;
  const { beforeId: _, ...newest } = filter;
  const events = `/activity/events${activityQuery({ ...newest, afterId: newestId })}`;
  return (
    <>
      <h1>Activity</h1>
      <p>
        Messages that were sent with your app passwords, and logins that were refused, newest first.
        Only what you see here is kept, for {services.activity.retentionDays}{" "}
        days; the messages themselves are not.
      </p>
      <ActivityForm action={site.path("/activity")} filter={filter} />
      <ActivityList
        items={items}
        events={isFirst ? site.path(events) : undefined}
        empty={isFiltered
          ? "Nothing fits this search."
          : "Nothing has been sent yet. As soon as a device sends something, it appears here."}
      />
      <nav class="pages" aria-label="Pages">
        {!isFirst && (
          <PageLink href={site.path(`/activity${activityQuery(newest)}`)}>Newest</PageLink>
        )}
        {olderThanId !== undefined && (
          <PageLink
            href={site.path(`/activity${activityQuery({ ...filter, beforeId: olderThanId })}`)}
          >
            Older
          </PageLink>
        )}
      </nav>
    </>
  );
});
