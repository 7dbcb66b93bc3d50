/**
 * Observers of SMTP events: log, metrics, delivery records and alerts.
 *
 * @module
 */
export { recordDeliveries } from "./delivery_record.ts";
export { Metrics } from "./metrics.ts";
export { smtpLog } from "./smtp_log.ts";
export { upstreamAlert } from "./upstream_alert.ts";
