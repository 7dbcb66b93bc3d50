import { define } from "../../../../../../lib/web/mod.ts";
import { RulesPage, rulesRoute } from "../../../../../(_components)/rules_form.tsx";
import { namedPassword } from "../../../../(_components)/named_account.ts";

/** Changes the rules of an app password of any account. */
export const handler = rulesRoute(namedPassword, { hasAddresses: true });

export default define.page<typeof handler>(({ data }) => <RulesPage {...data} />);
