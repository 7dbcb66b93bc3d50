import { type Context, HttpError } from "fresh";
import type { ShownGuide } from "../../../islands/guide_here.tsx";
import {
  appleProfile,
  autoconfigXml,
  endpointFor,
  endpointsOf,
  findGuide,
  swaksCommand,
  thunderbirdQrText,
} from "../../../lib/guides/mod.ts";
import type { AppPassword } from "../../../lib/store/mod.ts";
import { type State, userOf } from "../../../lib/web/mod.ts";
import { type NamedPassword, passwordOf } from "../../(_components)/app_passwords.tsx";
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

/** A file with which a mail program sets itself up. */
interface SetupFile {
  readonly name: string;
  readonly type: string;
  content(state: State, password: string): string | undefined;
}

/** For Apple Mail on all devices. */
export const APPLE_PROFILE: SetupFile = {
  name: "mail.mobileconfig",
  type: "application/x-apple-aspen-config",
  content({ services: { smtp }, user }, password) {
    const guide = findGuide("apple-mail");
    const endpoint = guide && endpointFor(guide, endpointsOf(smtp));
    if (!endpoint || !user) return undefined;
    const { email, displayName } = user.account;
    const names = { username: email, mailbox: email, displayName };
    return appleProfile({ host: smtp.publicHost, endpoint, password, ...names });
  },
};

/** For Thunderbird and other programs that read its format. */
export const AUTOCONFIG: SetupFile = {
  name: "config-v1.1.xml",
  type: "text/xml; charset=utf-8",
  content({ services: { smtp }, user }, password) {
    if (!user) return undefined;
    const { email } = user.account;
    const login = { mailbox: email, username: email, password };
    return autoconfigXml(smtp.publicHost, endpointsOf(smtp), login);
  },
};

/** Answers with a file that holds the app password, while the browser carries it. @throws {HttpError} 404 afterwards. */
export async function setupFile(ctx: Context<State>, file: SetupFile): Promise<Response> {
  const carried = carriedPassword(ctx.state, (await ownPassword(ctx)).password, ctx.req.headers);
  const content = carried && file.content(ctx.state, carried.value.password);
  if (content === undefined) {
    throw new HttpError(404, "The password is not shown any more. Create another app password.");
  }
  return new Response(content, {
    headers: {
      "content-type": file.type,
      "content-disposition": `attachment; filename="${file.name}"`,
      "cache-control": "no-store",
    },
  });
}
