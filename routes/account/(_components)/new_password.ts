import { type Context, HttpError } from "fresh";
import type { ShownGuide } from "../../../islands/guide_here.tsx";
import { swaksCommand, thunderbirdQrText } from "../../../lib/guides/mod.ts";
import type { AppPassword } from "../../../lib/store/mod.ts";
import { type State, userOf } from "../../../lib/web/mod.ts";
import { type NamedPassword, passwordOf } from "../../(_components)/app_passwords.tsx";
import { type SetupFile, setupFileAnswer } from "../../(_components)/setup_files.ts";
import { shownGuide } from "../../(_components)/shown_guide.ts";
import { type SmtpData, smtpData } from "./account_data.ts";

/** Returns the signed-in user's app password that the address names. @throws {HttpError} 404 */
export async function ownPassword({ params, state }: Context<State>): Promise<NamedPassword> {
  const { account } = userOf(state);
  const password = await passwordOf(state, account, params.id);
  return { account, password, path: ownPath(password), home: "/account#passwords" };
}

/** Returns the path of an app password's page, for its owner. */
export function ownPath({ id }: AppPassword): string {
  return `/account/passwords/${id}`;
}

/** The data of the page with a new app password. */
export interface NewPasswordData extends SmtpData {
  readonly appPassword: AppPassword;
  readonly password: string;
  /** When the page shows it no longer. */
  readonly untilMs: number;
  /** A command line that sends a test mail with it; absent when no port is open. */
  readonly swaks?: string;
  /** The text of a QR code for Thunderbird on Android; absent when no port is open. */
  readonly thunderbird?: string;
  /** Slug of the guide that is shown at once; empty for none. */
  readonly chosen: string;
  readonly guide?: ShownGuide;
}

/** Gathers the data of the page with a new app password; undefined when its text is not known any more. */
export function newPasswordData(
  state: State,
  appPassword: AppPassword,
  chosen: string,
  headers: Headers,
): NewPasswordData | undefined {
  const carried = carriedPassword(state, appPassword, headers);
  if (!carried) return undefined;
  const { value: { password }, untilMs } = carried;
  const data = smtpData(state);
  const { account: { email, displayName }, host, endpoints: [endpoint] } = data;
  const mail = { host, username: email, password, sender: email, recipient: email };
  const guide = shownGuide(state, chosen);
  return {
    ...data,
    ...{ appPassword, password, untilMs, guide },
    chosen: guide ? chosen : "",
    swaks: endpoint && swaksCommand({ ...mail, endpoint }),
    thunderbird: endpoint && thunderbirdQrText({
      ...{ host, endpoint, username: email, password, mailbox: email, displayName },
    }),
  };
}

/** Returns the text of an app password while the browser carries it, and until when. */
function carriedPassword(
  state: State,
  { id, accountId }: Pick<AppPassword, "id" | "accountId">,
  headers: Headers,
) {
  const carried = state.services.carried.newPassword.read(headers.get("cookie"));
  const isIt = carried?.value.id === id && carried.value.accountId === accountId;
  return isIt ? carried : undefined;
}

/** Answers with a file that holds the app password, while the browser carries it. @throws {HttpError} 404 afterwards. */
export async function carriedFile(ctx: Context<State>, file: SetupFile): Promise<Response> {
  const { password } = await ownPassword(ctx);
  const carried = carriedPassword(ctx.state, password, ctx.req.headers);
  if (carried) return setupFileAnswer(file, ctx.state, carried.value.password);
  throw new HttpError(404, "The password is not shown any more. Create another app password.");
}
