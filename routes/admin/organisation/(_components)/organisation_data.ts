import type { State } from "../../../../lib/web/mod.ts";
import type { FormProblem } from "../../../(_components)/form_problem.tsx";
import type { Organisation } from "./mailboxes.tsx";

/** More than a large organisation has printers. */
const MAX_SHOWN = 1_000;

/** Gathers the data of the organisation page. */
export async function organisationData(
  state: State,
  problem?: FormProblem,
): Promise<Organisation> {
  state.title = "Organisation";
  const { store, mailboxes, invitations } = state.services;
  const accounts = await store.accounts.list({ appOnly: true, limit: MAX_SHOWN });
  return {
    registrations: mailboxes.registrations(),
    mailboxes: await Promise.all(accounts.map(async (account) => ({
      account,
      devices: await store.appPasswords.list(account.id),
    }))),
    invitations: await invitations.list(),
    problem,
  };
}
