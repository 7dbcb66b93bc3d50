/**
 * The end of an app registration's secret or certificate: on that day mail stops.
 *
 * @module
 */
import { DAY_MS } from "../base/mod.ts";
import type { RegistrationStatus } from "./microsoft.ts";

/** How near an end is: within 30 days, within 7 days, or past. */
export type EndStage = "near" | "soon" | "past";

/** A secret or certificate that has to be replaced. */
export interface RegistrationEnd {
  readonly stage: EndStage;
  /** A sentence without a full stop. */
  readonly message: string;
  readonly remedy: string;
}

const NEAR_MS = 30 * DAY_MS;
const SOON_MS = 7 * DAY_MS;

/** Returns a warning of the end; undefined if it is far away, or not known. */
export function endOf(
  { clientId, authentication, endsAtMs }: RegistrationStatus,
  nowMs: number,
): RegistrationEnd | undefined {
  if (endsAtMs === undefined) return undefined;
  const restMs = endsAtMs - nowMs;
  if (restMs >= NEAR_MS) return undefined;
  const stage = restMs <= 0 ? "past" : restMs < SOON_MS ? "soon" : "near";
  const what = authentication === "certificate" ? "certificate" : "client secret";
  const day = new Date(endsAtMs).toISOString().slice(0, 10);
  const ends = stage === "past" ? `ended on ${day}` : `ends on ${day}`;
  return {
    stage,
    message: `the ${what} of the app registration ${clientId} ${ends}`,
    remedy: authentication === "certificate" ? REPLACE_CERTIFICATE : REPLACE_SECRET,
  };
}

const REPLACE_SECRET =
  "In the Microsoft Entra admin center, open the app registration, then Certificates & secrets, and create a new client " +
  "secret beside the old one. Put its value into APP_SECRETS, enter its end into APP_SECRET_EXPIRES or on the admin page, and restart. Then delete the old one.";
const REPLACE_CERTIFICATE =
  "Make a new certificate, upload it to the app registration beside the old one (Certificates & secrets), then replace the " +
  "files that APP_CERT_FILES and APP_KEY_FILES name. No restart is needed.";
