import { define } from "../../../../lib/web/mod.ts";
import { RulesPage, rulesRoute } from "../../../(_components)/rules_form.tsx";
import { ownPassword } from "../../(_components)/new_password.ts";

/** Changes the rules of an app password. Where an address stands for a login is for the operator to say. */
export const handler = rulesRoute(ownPassword, { hasAddresses: false });

export default define.page<typeof handler>(({ data }) => <RulesPage {...data} />);
