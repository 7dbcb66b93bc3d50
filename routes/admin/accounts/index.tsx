import { page } from "fresh";
import { define } from "../../../lib/web/mod.ts";
import { AccountPages, accountQuery, readAccountPage } from "../(_components)/account_pages.tsx";
import { AccountTable, ORDERS } from "../(_components)/account_table.tsx";
import { AdminNavigation } from "../(_components)/navigation.tsx";

export const handler = define.handlers({
  async GET({ url, state }) {
    state.title = "Accounts – Admin";
    state.isWide = true;
    const { signUpPolicy, store: { accounts } } = state.services;
    const found = await readAccountPage(accounts, url.searchParams, { orders: ORDERS });
    const listed = found.accounts.map((account) => ({
      account,
      excludedBy: signUpPolicy.refusal(account)?.setting,
    }));
    return page({ found, listed });
  },
});

/** All accounts, searched and in pages. */
export default define.page<typeof handler>(({ data: { found, listed }, state: { site } }) => {
  const { filter } = found;
  const path = site.path("/admin/accounts");
  return (
    <>
      <h1>Accounts</h1>
      <AdminNavigation site={site} />
      <AccountPages page={found} orders={ORDERS} path={path} noun="account">
        {listed.length > 0 && (
          <AccountTable
            accounts={listed}
            site={site}
            order={filter.order ?? "email"}
            orderedBy={(order) => path + accountQuery({ ...filter, order })}
          />
        )}
      </AccountPages>
    </>
  );
});
