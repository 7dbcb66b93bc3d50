import { type Context, HttpError } from "fresh";
import type { ShownGuide } from "../../../islands/guide_here.tsx";
import { swaksCommand } from "../../../lib/guides/mod.ts";
import type { AppPassword } from "../../../lib/store/mod.ts";
import { type State, userOf } from "../../../lib/web/mod.ts";
import { shownGuide } from "../../(_components)/shown_guide.ts";
import { type SmtpData, smtpData } from "./account_data.ts";

/** Returns the app password that the address names. @throws {HttpError} 404 if the signed-in user has no such one. */
export async function ownPassword({ params, state }: Context<State>): Promise<AppPassword> {
  const passwords = await state.services.store.appPasswords.list(userOf(state).account.id);
  const found = passwords.find(({ id }) => id === params.id);
  if (!found) throw new HttpError(404, "There is no such app password. It may have been revoked.");
  return found;
}

/** The data of the page with a new app password. */
export interface NewPasswordData extends SmtpData {
  readonly appPassword: AppPassword;
  readonly password: string;
  /** When the page shows it no longer. */
  readonly untilMs: number;
  /** A command line that sends a test mail with it; absent when no port is open. */
  readonly swaks?: string;
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
  const { account: { email }, host, endpoints: [endpoint] } = data;
  const mail = { host, username: email, password, sender: email, recipient: email };
  const guide = shownGuide(state, chosen);
  return {
    ...data,
    ...{ appPassword, password, untilMs, guide },
    chosen: guide ? chosen : "",
    swaks: endpoint && swaksCommand({ ...mail, endpoint }),
  };
}

/** Returns the text of an app password while the browser carries it, and until when. */
export function carriedPassword(
  state: State,
  { id, accountId }: Pick<AppPassword, "id" | "accountId">,
  headers: Headers,
) {
  const carried = state.services.carried.newPassword.read(headers.get("cookie"));
  const isIt = carried?.value.id === id && carried.value.accountId === accountId;
  return isIt ? carried : undefined;
}
