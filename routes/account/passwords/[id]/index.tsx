import { page } from "fresh";
import QuestionButton from "../../../../islands/question.tsx";
import { define } from "../../../../lib/web/mod.ts";
import {
  PasswordFacts,
  renameQuestion,
  revokeQuestion,
} from "../../../(_components)/app_passwords.tsx";
import { newPasswordData, ownPassword } from "../../(_components)/new_password.ts";
import { NewPasswordView } from "../../(_components)/new_password_view.tsx";
import { BackLink } from "../../../(_components)/back_link.tsx";

/** An app password: for some minutes after it was created with its text, later without. */
export const handler = define.handlers({
  async GET(ctx) {
    const { password, path } = await ownPassword(ctx);
    const guide = ctx.url.searchParams.get("guide") ?? "";
    const created = newPasswordData(ctx.state, password, guide, ctx.req.headers);
    ctx.state.title = created ? `New app password “${password.name}”` : password.name;
    return page({ password, created, path: ctx.state.site.path(path) });
  },
});

export default define.page<typeof handler>(({ data: { created, password, path }, state }) =>
  created ? <NewPasswordView data={created} site={state.site} /> : (
    <>
      <BackLink href={state.site.path("/account")}>Your account</BackLink>
      <h1>{password.name}</h1>
      <section class="card">
        <p>
          <PasswordFacts password={password} />
        </p>
        <p>
          The password itself is shown only after it was created. If you have lost it, revoke it and
          create another one: that takes a minute.
        </p>
        <div class="actions">
          <QuestionButton question={renameQuestion(path, password)} />
          <QuestionButton question={revokeQuestion(path, password)} />
        </div>
      </section>
    </>
  )
);
