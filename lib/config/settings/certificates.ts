import type { SettingGroup } from "./setting.ts";

/** Certificates that the program gets or makes itself. */
export const CERTIFICATE_SETTINGS = {
  ACME: {
    meaning:
      "Whether the program requests and renews a certificate automatically (ACME), for the SMTP ports and the web pages. Its " +
      "names are SMTP_PUBLIC_HOST and the host of PUBLIC_URL. Certificate files take precedence.",
    otherwise: "on if ACME_EMAIL is set",
    example: "on",
  },
  ACME_EMAIL: {
    meaning: "Address that the certificate authority can write to. Setting it turns ACME on.",
    otherwise: "none",
    example: "you@example.com",
  },
  ACME_DIRECTORY_URL: {
    meaning: "Directory of the certificate authority.",
    default: "https://acme-v02.api.letsencrypt.org/directory",
  },
  ACME_EAB_KEY_ID: {
    meaning:
      "Key identifier of an external account binding, for authorities that require one (ZeroSSL, Google Trust Services).",
    otherwise: "none",
    example: "key-identifier",
  },
  ACME_EAB_HMAC_KEY: {
    meaning: "Key of the external account binding, as the authority shows it (base64url).",
    otherwise: "none",
    example: "key-from-the-authority",
  },
  OWN_CA: {
    meaning:
      "Whether the program issues its certificates with its own certificate authority, for a local network without a public " +
      "name. Clients have to trust it once: the pages offer its certificate at /ca.crt. " +
      "SMTP_PORT then serves clients with private addresses only.",
    otherwise: "off",
    example: "on",
  },
} as const satisfies SettingGroup;
