import { define } from "../../../../../../lib/web/mod.ts";
import { revokeRoute } from "../../../../../(_components)/app_passwords.tsx";
import { QuestionPage } from "../../../../../(_components)/question_page.tsx";
import { namedPassword } from "../../../../(_components)/named_account.ts";

/** Revokes an app password of any account. */
export const handler = revokeRoute(namedPassword);

export default define.page<typeof handler>(({ data }) => <QuestionPage {...data} />);
