/**
 * Set-up guides for mail clients, filled in with the reader's values, and configuration files that clients read.
 *
 * @module
 */
export { type AppleProfile, appleProfile } from "./apple_profile.ts";
export { autoconfigXml } from "./autoconfig.ts";
export {
  ENCRYPTION_NAME,
  type Field,
  type Guide,
  type GuideStep,
  PASSWORD_PLACEHOLDER,
} from "./guide.ts";
export { endpointFor, findGuide, GUIDE_GROUPS } from "./list.ts";
export {
  type Encryption,
  type Endpoint,
  endpointsOf,
  type OfferedPort,
  portsOf,
  shellCommand,
  type SmtpOffer,
  swaksCommand,
} from "./smtp_settings.ts";
export { thunderbirdQrText } from "./thunderbird_qr.ts";
