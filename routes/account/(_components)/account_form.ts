import { type Context, HttpError, page } from "fresh";
import { InputError } from "../../../lib/accounts/mod.ts";
import { readForm, type State } from "../../../lib/web/mod.ts";
import { accountData, type FormProblem } from "./account_data.ts";

/** A form of the account page. */
interface AccountForm {
  readonly name: FormProblem["form"];
  /** Where the page continues afterwards: a fragment of it. */
  readonly fragment: string;
  /** The text of the error when the thing is gone. */
  readonly gone: string;
  /** @returns Whether what it is about exists. @throws {InputError} */
  apply(form: URLSearchParams): Promise<boolean>;
}

/** Applies a form of the account page; an entry that is not accepted shows the page again, with the reason. */
export async function applyAccountForm(
  ctx: Context<State>,
  { name, fragment, gone, apply }: AccountForm,
) {
  const { services, site } = ctx.state;
  const form = await readForm(ctx.req, services.clock);
  try {
    if (await apply(form)) {
      return ctx.redirect(site.path(`/account#${fragment}`), 303);
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    ctx.state.title = "Your account";
    const data = await accountData(ctx.state, {
      form: name,
      text: error.message,
      entered: form,
    });
    return page(data, { status: 400 });
  }
  throw new HttpError(404, gone);
}
