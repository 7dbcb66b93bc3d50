import { operatorAction } from "../../(_components)/operator_action.ts";

/** Deletes an account. */
export const handler = operatorAction(
  "account deleted by an operator",
  ({ state }, accountId) => state.services.accounts.delete(accountId),
  () => "/admin/accounts",
);
