/**
 * The running program's parts: services, housekeeping and the guard of the process.
 *
 * @module
 */
export { Housekeeping } from "./housekeeping.ts";
export { ProcessGuard } from "./process_guard.ts";
export { risksOf } from "./risks.ts";
export { closeServices, openMicrosoft, openServices, type Services } from "./services.ts";
