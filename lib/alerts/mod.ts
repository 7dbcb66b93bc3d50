/**
 * Alerts for the operator, on the admin page and by webhook.
 *
 * @module
 */
export { type Alert, type AlertKind, type AlertRegistry, Alerts, type NewAlert } from "./alerts.ts";
