import { PORT_RANGE, type SettingGroup } from "./setting.ts";

/** The web pages, their session and the proxies in front of them. */
export const WEB_SETTINGS = {
  HTTP_HOST: {
    meaning:
      "Addresses that the web pages listen on, separated by commas. Set but empty: all addresses.",
    otherwise: "same as SMTP_HOST",
    example: "127.0.0.1,::1",
  },
  HTTP_PORT: {
    meaning: "Ports of the web pages, separated by commas.",
    otherwise: "443 with ACME, else 3000",
    example: "443",
  },
  HTTP_REDIRECT_PORT: {
    meaning:
      "Port without TLS beside the HTTPS pages: it sends browsers to HTTPS, and answers health checks and the challenges of " +
      "ACME. The certificate authority has to reach it from outside as port 80. Set but empty: none, except with ACME.",
    otherwise: "80 with ACME; 80 beside HTTPS on port 443, if it can be opened; else none",
    range: PORT_RANGE,
    example: "80",
  },
  HTTPS_KEY_FILE: {
    meaning:
      "Private key for HTTPS, in PEM format. With this and HTTPS_CERT_FILE, HTTP_PORT serves HTTPS.",
    otherwise: "none",
    example: "certs/https_key.pem",
  },
  HTTPS_CERT_FILE: {
    meaning: "Certificate chain for HTTPS, in PEM format.",
    otherwise: "none",
    example: "certs/https_cert.pem",
  },
  PUBLIC_URL: {
    meaning: "Public URL of the web pages. If it is set, nothing is taken from request headers.",
    otherwise: "none (taken from each request)",
    example: "https://mail.example.com",
  },
  SITE_CONTACT: {
    meaning:
      "How people reach the operator of this server: a mail address or the URL of a page. The web pages show it wherever " +
      "they refer to the operator.",
    otherwise: "none",
    example: "postmaster@example.com",
  },
  WEBMAIL_URL: {
    meaning:
      "URL of a web page for reading mail, for a link after a test mail; {address} stands for the mail address.",
    otherwise: "Outlook on the web",
    example: "https://webmail.example.com/",
  },
  TRUST_PROXY: {
    meaning:
      "Reverse proxies, separated by commas: addresses, CIDR ranges, or the words loopback, linklocal and uniquelocal. " +
      "X-Forwarded-* and PROXY headers are trusted from these peers only.",
    otherwise: "none",
    example: "loopback,10.10.1.0/24",
  },
  SESSION_SECRET: {
    meaning:
      "Secret of at least 32 characters that encrypts session cookies and stored tokens. To replace it, put the new one " +
      "before the old one, separated by a comma: the first encrypts, all decrypt. Brackets [] around the list are " +
      "optional. Put a secret that contains a comma in double quotes; the rules of JSON strings apply inside them.",
    otherwise: "required",
    example: "at-least-32-random-characters",
  },
  SESSION_COOKIE: {
    meaning: "Name of the session cookie.",
    default: "session",
  },
} as const satisfies SettingGroup;
