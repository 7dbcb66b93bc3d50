import type { SettingGroup } from "./setting.ts";

/** Where and how mail clients connect. */
export const SMTP_SETTINGS = {
  SMTP_PUBLIC_HOST: {
    meaning: "Host name that mail clients connect to. It is shown on the account page.",
    otherwise: "required",
    example: "smtp.example.com",
  },
  SMTP_HOST: {
    meaning: "Addresses to listen on, separated by commas. Set but empty: all addresses.",
    otherwise: "all addresses",
    example: "127.0.0.1,::1",
  },
  SMTP_PORT: {
    meaning:
      "Ports without TLS, separated by commas; a range is written as 2501-2503. Only for clients on a trusted network " +
      "or behind a proxy that terminates TLS. At least one of the SMTP_..._PORT settings is required.",
    otherwise: "none",
    example: "25",
  },
  SMTP_TLS_PORT: {
    meaning: "Ports with TLS from the first byte (implicit TLS).",
    otherwise: "none",
    example: "465",
  },
  SMTP_STARTTLS_PORT: {
    meaning: "Ports with STARTTLS.",
    otherwise: "none",
    example: "587",
  },
  SMTP_AUTOTLS_PORT: {
    meaning:
      "Ports that serve both implicit TLS and STARTTLS; the first bytes from the client decide which.",
    otherwise: "none",
    example: "465,587",
  },
  SMTP_PROTOCOL_INSPECTION_DELAY_MS: {
    meaning:
      "How long a port in SMTP_AUTOTLS_PORT waits for a TLS handshake before it greets the client. Gmail gives up after " +
      "about 10 seconds in total.",
    default: "1000",
    range: { min: 1, max: 10_000, unit: "milliseconds" },
  },
  SMTP_KEY_FILE: {
    meaning: "Private key of the certificate, in PEM format. Required by every port with TLS.",
    otherwise: "none",
    example: "certs/smtp_key.pem",
  },
  SMTP_CERT_FILE: {
    meaning:
      "Certificate chain in PEM format: the server's own certificate and the intermediate ones. The file can also contain " +
      "the private key; then SMTP_KEY_FILE is not needed.",
    otherwise: "none",
    example: "certs/smtp_cert.pem",
  },
  SMTP_PUBLIC_TLS_PORT: {
    meaning:
      "Implicit TLS ports shown to users, if they differ from the listening ports, for example because a proxy in front " +
      "terminates TLS. Set but empty: none.",
    otherwise: "the listening ports, or 465 if there are only plain ports",
    example: "465",
  },
  SMTP_PUBLIC_STARTTLS_PORT: {
    meaning:
      "STARTTLS ports shown to users, if they differ from the listening ports. Set but empty: none. Without " +
      "SMTP_STARTTLS_PORT and SMTP_AUTOTLS_PORT there is no STARTTLS, so none is shown.",
    otherwise: "the listening ports",
    example: "587",
  },
  SMTP_PUBLIC_CA_FILE: {
    meaning:
      "Certificate authority (PEM) that mail clients have to be told to trust, if SMTP_CERT_FILE comes from a private one. The " +
      "guides show this path in their examples; the program does not read the file.",
    otherwise: "none",
    example: "/etc/ssl/certs/our-ca.pem",
  },
  SMTP_GREETING_NAME: {
    meaning: "Name that the server gives in its greeting to clients and in EHLO to Microsoft.",
    otherwise: "SMTP_PUBLIC_HOST",
    example: "smtp.example.com",
  },
  SMTP_LOGIN_BY_ADDRESS: {
    meaning:
      "Networks in which an app password can have client addresses that send without a login, for devices that cannot log " +
      "in: addresses, CIDR ranges, or the words loopback, linklocal and uniquelocal, separated by commas. Networks " +
      "outside the private ranges need the word public in the list. Anyone who can use such an address can send.",
    otherwise: "none (every client has to log in)",
    example: "192.168.1.0/24",
  },
  SMTP_MISSING_HEADERS: {
    meaning:
      "add: a message without a From header gets one with the address of the mailbox, and Date and Message-ID if they are " +
      "missing, too, as RFC 6409 allows. leave: every message passes unchanged, and Microsoft may refuse it.",
    default: "add",
    choices: ["add", "leave"],
  },
  SMTP_PROXY_PROTOCOL: {
    meaning:
      "Whether the proxies in TRUST_PROXY start each connection to an SMTP port with a PROXY protocol header (version 1 " +
      "or 2).",
    default: "off",
    choices: ["off", "optional", "required"],
  },
  SMTP_REUSE_PORT: {
    meaning:
      "Whether several replicas on this machine share the SMTP ports, to use more than one processor core (Linux). Each " +
      "needs its own HTTP_PORT, and all of them need DATABASE_URL.",
    otherwise: "off",
    example: "on",
  },
} as const satisfies SettingGroup;
