/**
 * The whole SMTP service with fakes for everything that is not tested.
 *
 * @module
 */
import type { Clock } from "../clock.ts";
import type { Endpoint } from "../net/transport.ts";
import { DEFAULT_SERVER_LIMITS } from "../server/connection_limit.ts";
import {
  type Dependencies,
  type NetworkAccess,
  type ServiceSettings,
  SmtpService,
} from "../server/service.ts";
import { DEFAULT_SESSION_LIMITS } from "../session/limits.ts";
import { DEFAULT_POOL_LIMITS } from "../upstream/pool.ts";
import { FakeAllowance, FakeAuthenticator, FakeTokenSource } from "./fakes.ts";

/** Starts the service. @param options Replace the fakes. @param settings Replace the default settings. */
export function startFakeService(
  endpoints: readonly Endpoint[],
  options: NetworkAccess & { readonly clock: Clock } & Partial<Dependencies>,
  settings: Partial<ServiceSettings> = {},
): Promise<SmtpService> {
  return SmtpService.start({
    endpoints,
    greetingName: "proxy.example",
    limits: DEFAULT_SERVER_LIMITS,
    missingHeaders: "leave",
    sessionLimits: DEFAULT_SESSION_LIMITS,
    poolLimits: DEFAULT_POOL_LIMITS,
    ...settings,
  }, {
    authenticator: new FakeAuthenticator(),
    tokens: new FakeTokenSource(),
    explainRefusal: (reply) => reply.text,
    observe: () => {},
    allowance: new FakeAllowance(),
    ...options,
  });
}
