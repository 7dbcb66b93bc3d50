/**
 * Makes the services behind the pages from those of the program.
 *
 * @module
 */
import { TcpDialer } from "../../smtp/mod.ts";
import { errorText, systemClock, VERSION } from "../base/mod.ts";
import type { Config } from "../config/mod.ts";
import { getLogger, LineDigest } from "../log/mod.ts";
import type { Services } from "../program/mod.ts";
import { Sessions, SignIn } from "../sign_in/mod.ts";
import { connect, ownServers, TestMail } from "../test_mail/mod.ts";
import { pageCookies } from "./page_cookies.ts";
import { LiveDeliveries } from "./live_deliveries.ts";
import type { ProgramInfo, WebServices } from "./services.ts";

/** The services behind the pages, and a way to end them. */
export interface OpenWebServices {
  readonly services: WebServices;
  /** Ends the answers that would go on for ever. */
  close(): void;
}

const log = getLogger("web");

/** Makes the services behind the pages. @param check Makes the checks that an operator asks for. */
export function openWebServices(
  program: Services,
  check: WebServices["check"],
): OpenWebServices {
  const { config, store, accounts, tokens, alerts, refusals, secrets } = program;
  const { adminAccess, audit, health, signUpPolicy, registrations, invitations } = program;
  const clock = systemClock;
  const onError = (error: unknown) =>
    log.warning("new deliveries could not be read", { error: errorText(error) });
  const live = new LiveDeliveries({ deliveries: store.deliveries, clock, onError });
  const recheck = (accountId: string) => void live.recheck(accountId);
  const sessions = openSessions(program, recheck);
  accounts.onRevoked(({ accountId }) => recheck(accountId));
  const digest = new LineDigest(getLogger("sign-in"), clock);
  const services: WebServices = {
    ...{ sessions, store, accounts, adminAccess, audit, tokens, alerts, live, clock },
    ...{ health, check, signUpPolicy, registrations, invitations, site: config },
    mailboxes: openMailboxes(program),
    signIn: openSignIn(program, sessions, digest),
    sessionCookie: config.session.cookieName,
    cookies: pageCookies(config.session.cookieName, secrets, clock),
    testMail: new TestMail({
      ...{ accounts, refusals, connect, clock },
      servers: ownServers(config.smtp),
    }),
    smtp: config.smtp,
    activity: config.activity,
    adminEmails: config.adminEmails,
    siteNotice: config.siteNotice,
    contact: config.siteContact,
    webmailUrl: config.webmailUrl,
    program: programInfo(config),
    replicas: program.replicas,
    report: ({ error, ...where }) =>
      log.error("page failed", { ...where, error: errorText(error) }),
  };
  const close = () => {
    live.close();
    digest.flush();
  };
  return { services, close };
}

function openSessions(
  { config, store, secrets }: Services,
  onEnd: (accountId: string) => void,
): Sessions {
  const { cookieName } = config.session;
  return new Sessions({ store: store.webSessions, secrets, clock: systemClock, cookieName, onEnd });
}

function openMailboxes({ mailboxes }: Services): WebServices["mailboxes"] {
  const dialer = new TcpDialer(systemClock);
  return {
    registrations: () => mailboxes.registrations(),
    add: (entered) => mailboxes.add(entered),
    prove: (account, recipient) => mailboxes.prove(account, { dialer, recipient }),
  };
}

function openSignIn(program: Services, sessions: Sessions, digest: LineDigest): SignIn {
  const { microsoft, store, vault, tokens, signUpPolicy, secrets, config, invitations } = program;
  const { cookieName } = config.session;
  return new SignIn({
    ...{
      microsoft,
      store,
      vault,
      tokens,
      signUpPolicy,
      sessions,
      secrets,
      cookieName,
      invitations,
      digest,
    },
    clock: systemClock,
    usedSignIns: program.replicas?.usedSignIns,
  });
}

function programInfo(config: Config): ProgramInfo {
  const { defaultClientId, registrations } = config;
  const others = registrations.map(({ clientId }) => clientId)
    .filter((clientId) => clientId !== defaultClientId);
  return {
    version: VERSION,
    clientIds: [defaultClientId, ...others],
    settings: config.inEffect,
    warnings: config.warnings,
  };
}
