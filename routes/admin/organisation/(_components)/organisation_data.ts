import type { State } from "../../../../lib/web/mod.ts";
import type { FormProblem } from "../../../(_components)/form_problem.tsx";
import { readAccountPage } from "../../(_components)/account_pages.tsx";
import { ORDERS, type Organisation } from "./mailboxes.tsx";

/** Gathers the data of the organisation page. @param query Selects the mailboxes that are listed. */
export async function organisationData(
  state: State,
  query: URLSearchParams,
  problem?: FormProblem,
): Promise<Organisation> {
  state.title = "Organisation – Admin";
  state.isWide = true;
  const { store, mailboxes, invitations } = state.services;
  const found = await readAccountPage(store.accounts, query, { orders: ORDERS, appOnly: true });
  return {
    registrations: mailboxes.registrations(),
    found,
    devices: await store.appPasswords.countEach(found.accounts.map(({ id }) => id)),
    invitations: await invitations.list(),
    problem,
  };
}
