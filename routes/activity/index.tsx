import { page } from "fresh";
import ActivityList from "../../islands/activity_list.tsx";
import { DAY_MS } from "../../lib/base/mod.ts";
import { download, Icon } from "../../lib/icons/mod.ts";
import { define, type State, userOf } from "../../lib/web/mod.ts";
import { activityItem } from "../(_components)/activity_item.ts";
import { countBars, type Spans } from "../(_components)/bars.ts";
import { Chart, dayText } from "../(_components)/chart.tsx";
import { PageLink } from "../(_components)/page_link.tsx";
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
  const found = await store.deliveries.list({
    ...conditionsOf(filter),
    beforeId: filter.beforeId,
    accountId: account.id,
    limit: PAGE_SIZE + 1,
  });
  const shown = found.slice(0, PAGE_SIZE);
  return {
    filter,
    bars: await countBars(state.services, DAYS, account.id),
    passwords: await store.appPasswords.list(account.id),
    items: shown.map((delivery) => activityItem(delivery, account, { contact })),
    newestId: shown[0]?.id ?? 0,
    /** Where the next page begins; undefined on the last one. */
    olderThanId: found.length > PAGE_SIZE ? shown.at(-1)?.id : undefined,
  };
}

/** The account's deliveries: searched, in pages, and live on the first one. */
export default define.page<typeof handler>(({ data, state: { site, services } }) => {
  const { filter, bars, passwords, items, newestId, olderThanId } = data;
  const isFirst = filter.beforeId === undefined;
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
      {isFirst && !isFiltered(filter) && (
        <section class="card" aria-label="Messages a day">
          <Chart title="Last 30 days (UTC)" bars={bars} label={dayText} />
        </section>
      )}
      <ActivityForm action={site.path("/activity")} filter={filter} passwords={passwords} />
      <ActivityList
        items={items}
        events={isFirst ? site.path(events) : undefined}
        empty={isFiltered(filter)
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
        {items.length > 0 && (
          <a class="button quiet" href={site.path(`/activity/export.csv${activityQuery(newest)}`)}>
            <Icon shapes={download} />
            Download as CSV
          </a>
        )}
      </nav>
    </>
  );
});
