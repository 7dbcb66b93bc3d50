/**
 * The whole SMTP service, with stand-ins for what is not under test.
 *
 * @module
 */
import { DEFAULT_SERVER_LIMITS } from "../server/connection_limit.ts";
import { DEFAULT_SESSION_LIMITS } from "../session/limits.ts";
import { DEFAULT_POOL_LIMITS } from "../upstream/pool.ts";
import {
  type ServiceGround,
  type ServicePorts,
  type ServiceSettings,
  SmtpService,
} from "../server/service.ts";
import type { Endpoint } from "../net/transport.ts";
import { FakeAuthenticator, FakeTokenSource } from "./fakes.ts";

/** The settings of all tests. */
export const FAKE_SETTINGS: Omit<ServiceSettings, "endpoints"> = {
  greetingName: "proxy.example",
  limits: DEFAULT_SERVER_LIMITS,
  sessionLimits: DEFAULT_SESSION_LIMITS,
  poolLimits: DEFAULT_POOL_LIMITS,
};

/** Starts the service. @param settings What differs from {@linkcode FAKE_SETTINGS}. */
export function startFakeService(
  endpoints: readonly Endpoint[],
  ports: Partial<ServicePorts>,
  ground: ServiceGround,
  settings: Partial<ServiceSettings> = {},
): Promise<SmtpService> {
  return SmtpService.start({ ...FAKE_SETTINGS, ...settings, endpoints }, {
    authenticator: new FakeAuthenticator(),
    tokens: new FakeTokenSource(),
    explainRefusal: (reply) => reply.text,
    observe: () => {},
    ...ports,
  }, ground);
}
