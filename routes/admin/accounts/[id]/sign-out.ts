import { operatorAction } from "../../(_components)/operator_action.ts";

/** Ends the web sessions of an account. */
export const handler = operatorAction(
  "browsers signed out by an operator",
  async ({ state: { services } }, accountId) => {
    const exists = await services.store.accounts.get(accountId) !== undefined;
    await services.accounts.signOutEverywhere(accountId);
    return exists;
  },
);
