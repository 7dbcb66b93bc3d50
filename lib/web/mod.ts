/**
 * The parts that all web pages share: who is signed in, forms, event streams, the site's address, and the protection against
 * forged forms and scripts.
 * Routes get their `define` and {@linkcode State} here.
 *
 * @module
 */
export { createPages, type PageHandler } from "./app.ts";
export { carriedValues, type NewPassword } from "./carried.ts";
export { eventsOf, eventStream } from "./event_stream.ts";
export { redirectWithFlash } from "./flash.ts";
export { readForm } from "./form.ts";
export { LiveDeliveries } from "./live_deliveries.ts";
export { safePath } from "../http/mod.ts";
export type { CheckedPart, CheckStatus, PageProblem, WebServices } from "./services.ts";
export {
  actorOf,
  endSession,
  isOperator,
  requireAdmin,
  requireUser,
  setCookies,
  userOf,
} from "./session.ts";
export type { Site } from "./site.ts";
export { define, type State } from "./utils.ts";
export { openWebServices } from "./web_services.ts";
