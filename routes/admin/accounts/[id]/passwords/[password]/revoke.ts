import { operatorAction } from "../../../../(_components)/operator_action.ts";

/** Revokes an app password. */
export const handler = operatorAction(
  "app password revoked by an operator",
  ({ params, state }, accountId) =>
    state.services.accounts.revokeAppPassword(accountId, params.password ?? ""),
);
