import type { Setting } from "./setting.ts";

const group = "SMTP server";

/** Where and how mail clients connect. */
export const SMTP_SETTINGS = [
  {
    name: "SMTP_PUBLIC_HOST",
    group,
    meaning: "The name that mail clients connect to. It is shown on the account page.",
    otherwise: "required",
    example: "smtp.example.com",
  },
  {
    name: "SMTP_HOST",
    group,
    meaning: "Addresses to listen on, separated by commas. Defined but empty: all addresses.",
    otherwise: "all addresses in production, localhost in development",
    example: "127.0.0.1,::1",
  },
  {
    name: "SMTP_PORT",
    group,
    meaning:
      "Ports without TLS, separated by commas; a range is written as 2501-2503. Only for clients on a trusted " +
      "network, or behind a proxy that terminates TLS. At least one of the SMTP_..._PORT variables is needed.",
    otherwise: "none",
    example: "25",
  },
  {
    name: "SMTP_TLS_PORT",
    group,
    meaning: "Ports with TLS from the first octet (implicit TLS).",
    otherwise: "none",
    example: "465",
  },
  {
    name: "SMTP_STARTTLS_PORT",
    group,
    meaning: "Ports with STARTTLS.",
    otherwise: "none",
    example: "587",
  },
  {
    name: "SMTP_AUTOTLS_PORT",
    group,
    meaning:
      "Ports that serve implicit TLS and STARTTLS both, told apart by what the client sends first.",
    otherwise: "none",
    example: "465,587",
  },
  {
    name: "SMTP_PROTOCOL_INSPECTION_DELAY_MS",
    group,
    meaning:
      "How long a port of SMTP_AUTOTLS_PORT waits for a TLS hello before it greets. Gmail gives up after about 10 " +
      "seconds in all.",
    default: "1000",
    range: { min: 1, max: 10_000, unit: "milliseconds" },
  },
  {
    name: "SMTP_KEY_FILE",
    group,
    meaning: "Private key of the certificate, in PEM format. Needed by any port with TLS.",
    otherwise: "none",
    example: "certs/smtp_key.pem",
  },
  {
    name: "SMTP_CERT_FILE",
    group,
    meaning: "Certificate chain, in PEM format: our certificate first, then the intermediate ones.",
    otherwise: "none",
    example: "certs/smtp_cert.pem",
  },
  {
    name: "SMTP_PUBLIC_TLS_PORT",
    group,
    meaning:
      "Implicit-TLS ports shown to users, when they differ from those listened on. Defined but empty: none.",
    otherwise: "the listening ports, or 465 when there are only plain ports",
    example: "465",
  },
  {
    name: "SMTP_PUBLIC_STARTTLS_PORT",
    group,
    meaning:
      "STARTTLS ports shown to users, when they differ from those listened on. Defined but empty: none.",
    otherwise: "the listening ports, or 587 when there are only plain ports",
    example: "587",
  },
  {
    name: "SMTP_GREETING_NAME",
    group,
    meaning: "Our name in the greeting to clients and in EHLO to Microsoft.",
    otherwise: "SMTP_PUBLIC_HOST",
    example: "smtp.example.com",
  },
  {
    name: "SMTP_PROXY_PROTOCOL",
    group,
    meaning:
      "Whether the peers of TRUST_PROXY start their connections to the SMTP ports with a PROXY protocol header " +
      "(version 1 or 2).",
    default: "off",
    choices: ["off", "optional", "required"],
  },
] as const satisfies readonly Setting[];
