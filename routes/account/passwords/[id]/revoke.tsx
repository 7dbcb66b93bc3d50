import { define } from "../../../../lib/web/mod.ts";
import { revokeRoute } from "../../../(_components)/app_passwords.tsx";
import { QuestionPage } from "../../../(_components)/question_page.tsx";
import { ownPassword } from "../../(_components)/new_password.ts";

/** Revokes an app password. */
export const handler = revokeRoute(ownPassword);

export default define.page<typeof handler>(({ data }) => <QuestionPage {...data} />);
