/**
 * Observers of SMTP events: log, metrics, delivery records, alerts and states of accounts.
 *
 * @module
 */
export { causeOf } from "./cause.ts";
export { Metrics } from "./metrics.ts";
export { RefusalWatch } from "./refusal_watch.ts";
export { type HealthReport, ServiceHealth } from "./service_health.ts";
export { smtpObserver } from "./smtp_observer.ts";
