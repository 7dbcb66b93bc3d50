/**
 * The parts that all commands share, created from the configuration, and the background work of the running server.
 *
 * @module
 */
export { Housekeeping } from "./housekeeping.ts";
export { ProcessGuard } from "./process_guard.ts";
export { RegistrationWatch } from "./registration_watch.ts";
export { type KnownRegistration, Registrations } from "./registrations.ts";
export { WarmUp } from "./warm_up.ts";
export {
  closeServices,
  openMicrosoft,
  openServices,
  type Services,
  useServices,
} from "./services.ts";
