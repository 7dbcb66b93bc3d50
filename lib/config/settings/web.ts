import type { Setting } from "./setting.ts";

const group = "Web";

/** The web UI, its session and the proxies in front of it. */
export const WEB_SETTINGS = [
  {
    name: "HTTP_HOST",
    group,
    meaning:
      "Addresses on which the web UI listens, separated by commas. Defined but empty: all addresses.",
    otherwise: "as SMTP_HOST",
    example: "127.0.0.1,::1",
  },
  {
    name: "HTTP_PORT",
    group,
    meaning: "Port of the web UI.",
    default: "3000",
    range: { min: 1, max: 65_535 },
  },
  {
    name: "HTTPS_KEY_FILE",
    group,
    meaning:
      "Private key for HTTPS, in PEM format. With it and HTTPS_CERT_FILE the web UI speaks HTTPS on HTTP_PORT.",
    otherwise: "none",
    example: "certs/https_key.pem",
  },
  {
    name: "HTTPS_CERT_FILE",
    group,
    meaning: "Certificate chain for HTTPS, in PEM format.",
    otherwise: "none",
    example: "certs/https_cert.pem",
  },
  {
    name: "PUBLIC_URL",
    group,
    meaning:
      "Fixed external address of the web UI. When it is set, nothing is taken from request headers.",
    otherwise: "none (taken from each request)",
    example: "https://mail.example.com",
  },
  {
    name: "TRUST_PROXY",
    group,
    meaning:
      "The proxies in front of us, separated by commas: addresses, CIDR ranges, or loopback, linklocal, " +
      "uniquelocal. Their X-Forwarded-* and PROXY headers are believed, those of anyone else never.",
    otherwise: "none",
    example: "loopback,10.10.1.0/24",
  },
  {
    name: "SESSION_SECRET",
    group,
    meaning:
      "Secret of at least 32 characters that encrypts the session cookie. To replace it, put the new one before " +
      "the old one, separated by a comma: the first encrypts, all decrypt. Brackets [] around the list are optional. A " +
      "secret that contains a comma goes into double quotes, in which the rules of JSON strings apply.",
    otherwise: "required",
    example: "at-least-32-random-characters",
  },
  {
    name: "SESSION_COOKIE",
    group,
    meaning: "Name of the session cookie.",
    default: "session",
  },
] as const satisfies readonly Setting[];
