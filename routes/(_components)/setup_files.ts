import { HttpError } from "fresh";
import {
  appleProfile,
  autoconfigXml,
  endpointFor,
  endpointsOf,
  findGuide,
} from "../../lib/guides/mod.ts";
import { type State, userOf } from "../../lib/web/mod.ts";

/** A file with which a mail program of the signed-in user sets itself up. */
export interface SetupFile {
  readonly name: string;
  readonly type: string;
  content(state: State, password: string | undefined): string;
}

/** For Apple Mail on all devices. Without a password, the device asks for it. */
export const APPLE_PROFILE: SetupFile = {
  name: "mail.mobileconfig",
  type: "application/x-apple-aspen-config",
  content(state, password) {
    const { smtp } = state.services;
    const { email, displayName } = userOf(state).account;
    const guide = findGuide("apple-mail");
    const endpoint = guide && endpointFor(guide, endpointsOf(smtp));
    if (!endpoint) throw new HttpError(404, "No port of this server suits Apple Mail.");
    const names = { username: email, mailbox: email, displayName };
    return appleProfile({ host: smtp.publicHost, endpoint, password, ...names });
  },
};

/** For Thunderbird and other programs that read its format. */
export const AUTOCONFIG: SetupFile = {
  name: "config-v1.1.xml",
  type: "text/xml; charset=utf-8",
  content(state, password) {
    const { smtp } = state.services;
    const { email } = userOf(state).account;
    const login = password === undefined
      ? undefined
      : { mailbox: email, username: email, password };
    return autoconfigXml(smtp.publicHost, endpointsOf(smtp), login);
  },
};

/** Answers with a file. @throws {HttpError} 404 if no port suits the program. */
export function setupFileAnswer(
  { name, type, content }: SetupFile,
  state: State,
  password?: string,
): Response {
  return new Response(content(state, password), {
    headers: {
      "content-type": type,
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "no-store",
    },
  });
}
