import { page } from "fresh";
import ActivityList from "../../islands/activity_list.tsx";
import { DAY_MS } from "../../lib/base/mod.ts";
import { SEARCH_DEPTH } from "../../lib/store/mod.ts";
import { define, type State, userOf } from "../../lib/web/mod.ts";
import { activityItem } from "../(_components)/activity_item.ts";
import { countBars, type Spans } from "../(_components)/bars.ts";
import { Chart, dayText } from "../(_components)/chart.tsx";
import { NewestFirstLinks } from "../(_components)/page_links.tsx";
import { ActivityForm } from "./(_components)/activity_form.tsx";
import {
  type ActivityFilter,
  activityFilter,
  activityQuery,
  conditionsOf,
  isFiltered,
} from "./(_components)/activity_query.ts";

const PAGE_SIZE = 50;
const DAYS: Spans = { spanMs: DAY_MS, count: 30 };

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Activity";
    return page(await activityData(ctx.state, activityFilter(ctx.url.searchParams)));
  },
});

async function activityData(state: State, filter: ActivityFilter) {
  const { account } = userOf(state);
  const { store, contact } = state.services;
  const isFirst = filter.beforeId === undefined;
  const { found, olderThanId } = await store.deliveries.search({
    ...conditionsOf(filter),
    beforeId: filter.beforeId,
    accountId: account.id,
    limit: PAGE_SIZE,
  });
  return {
    filter,
    /** Only of the page that shows them. */
    bars: isFirst && !isFiltered(filter)
      ? await countBars(state.services, DAYS, account.id)
      : undefined,
    passwords: await store.appPasswords.list(account.id),
    items: found.map((delivery) => activityItem(delivery, account, { contact })),
    isFirst,
    newestId: Math.max(0, ...found.map(({ id }) => id)),
    olderThanId,
  };
}

/** The account's deliveries: searched, in pages, and live on the first one. */
export default define.page<typeof handler>(({ data, state: { site, services } }) => {
  const { filter, bars, passwords, items, isFirst, newestId, olderThanId } = data;
  const { beforeId: _, ...newest } = filter;
  const path = site.path("/activity");
  const events = `${path}/events${activityQuery({ ...newest, afterId: newestId })}`;
  return (
    <>
      <h1>Activity</h1>
      <p>
        Messages that were sent with your app passwords, and logins that were refused, newest first.
        Only what you see here is kept, for {services.activity.retentionDays}{" "}
        days; the messages themselves are not.
      </p>
      {bars && (
        <section class="card" aria-label="Messages a day">
          <Chart title="Last 30 days (UTC)" bars={bars} label={dayText} />
        </section>
      )}
      <ActivityForm action={path} filter={filter} passwords={passwords} />
      <ActivityList
        items={items}
        events={isFirst ? events : undefined}
        empty={emptyText(data)}
      />
      <NewestFirstLinks
        newest={isFirst ? undefined : path + activityQuery(newest)}
        older={olderThanId === undefined
          ? undefined
          : path + activityQuery({ ...filter, beforeId: olderThanId })}
        csv={items.length > 0 ? `${path}/export.csv${activityQuery(newest)}` : undefined}
      />
    </>
  );
});

type ActivityData = Awaited<ReturnType<typeof activityData>>;

function emptyText({ filter, olderThanId }: ActivityData): string {
  if (olderThanId !== undefined) {
    return `None of ${SEARCH_DEPTH.toLocaleString("en")} records fits this search. ` +
      "“Older” looks at those before them.";
  }
  return isFiltered(filter)
    ? "Nothing fits this search."
    : "Nothing has been sent yet. As soon as a device sends something, it appears here.";
}
