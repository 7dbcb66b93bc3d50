/**
 * Settings that are allowed but can be a mistake.
 *
 * @module
 */
import { isWithin } from "../../smtp/mod.ts";
import { isLoopbackHost } from "../base/mod.ts";
import { isGuid, isOneOrganisation } from "./microsoft.ts";
import { PRIVATE_ADDRESSES, PRIVATE_RANGES } from "./network.ts";
import type { Problem } from "./reader.ts";
import type { Config } from "./types.ts";

type Settings = Omit<Config, "warnings" | "inEffect">;

/** Returns the risks that settings bring, as warnings. */
export function risksOf(settings: Settings): readonly Problem[] {
  return RISKS.filter(({ applies }) => applies(settings)).map(({ variable, message, remedy }) => ({
    variable,
    message: message(settings),
    remedy,
  }));
}

interface Risk {
  readonly variable: string;
  readonly applies: (settings: Settings) => boolean;
  readonly message: (settings: Settings) => string;
  readonly remedy: string;
}

/** An empty secret, and those of examples in the documents. */
const SAMPLE_SECRETS = ["", "secret", "value-of-the-secret"];

const RISKS: readonly Risk[] = [
  {
    variable: "APP_SECRETS",
    applies: ({ registrations }) => registrations.some(secretDoubt),
    message: ({ registrations }) => {
      const doubtful = registrations.find(secretDoubt)!;
      return `The app registration ${doubtful.clientId} ${secretDoubt(doubtful)}.`;
    },
    remedy:
      "Put the value of its client secret behind the colon, without quotes. (The value, not the secret's ID: Microsoft " +
      "shows it once.)",
  },
  {
    variable: "SMTP_PORT",
    applies: ({ smtp: { ports, hosts, proxyProtocol } }) =>
      ports.plain.length > 0 && proxyProtocol !== "required" && !hosts.every(isPrivate),
    message: ({ smtp: { ports: { plain }, plainClients } }) =>
      `Port ${plain.join(", ")} takes app passwords without encryption, ` +
      (plainClients
        ? "from private addresses only: everyone in the local network can read them."
        : "on addresses that may be reachable from outside."),
    remedy:
      "Use SMTP_TLS_PORT or SMTP_STARTTLS_PORT, set SMTP_HOST to a private address, or let a firewall admit only the " +
      "proxy that adds TLS.",
  },
  {
    variable: "SMTP_LOGIN_BY_ADDRESS",
    applies: ({ smtp: { loginNetworks: { ranges } } }) =>
      ranges.some((range) => !isWithin(range, PRIVATE_RANGES)),
    message: ({ smtp: { loginNetworks: { ranges } } }) =>
      `Addresses of public networks may stand for a login: ${
        ranges.filter((range) => !isWithin(range, PRIVATE_RANGES)).join(", ")
      }.`,
    remedy: "Make sure that nobody else can get such an address, or name private networks only.",
  },
  {
    variable: "ALLOWED_EMAILS_LIST",
    applies: ({ registrationRules, microsoft: { tenant } }) =>
      registrationRules.length === 0 && !isOneOrganisation(tenant),
    message: ({ microsoft: { tenant } }) =>
      `Anyone with a Microsoft account (MICROSOFT_TENANT=${tenant}) may register here.`,
    remedy: "Set an account filter, such as ALLOWED_EMAILS_LIST or ALLOWED_DOMAINS_LIST.",
  },
  {
    variable: "HTTPS_CERT_FILE",
    applies: ({ http: { hosts, certificate }, trustProxy, publicUrl }) =>
      !certificate && trustProxy.ranges.length === 0 && !publicUrl?.startsWith("https:") &&
      !hosts.every(isLoopbackHost),
    message: () =>
      "The web pages are served without encryption; Microsoft sends browsers back only to HTTPS.",
    remedy:
      "Set ACME_EMAIL, or HTTPS_KEY_FILE and HTTPS_CERT_FILE, or put a reverse proxy in front and name it in TRUST_PROXY.",
  },
  {
    variable: "METRICS_HOST",
    applies: ({ metrics }) => metrics !== undefined && !metrics.hosts.every(isPrivate),
    message: () => "Anyone who can reach the metrics port can read the metrics.",
    remedy: "Set METRICS_HOST to a private address, such as 127.0.0.1.",
  },
];

/** Returns why Microsoft will probably reject a registration, as the rest of a sentence that does not show its secret. */
function secretDoubt({ authentication }: Settings["registrations"][number]): string | undefined {
  if (authentication.kind !== "secret") return undefined;
  const secret = authentication.secret.reveal();
  if (SAMPLE_SECRETS.includes(secret)) return "has no client secret";
  if (isGuid(secret)) return "has the ID of a client secret in the place of its value";
  if (/\s/.test(secret)) return "has a client secret with white space in it";
  if (/^['"`]|['"`]$/.test(secret)) {
    return "has a client secret in quotes, which count as a part of it";
  }
}

/** Whether a host is private. "All addresses" are not, and neither is a name, which can mean any address. */
function isPrivate(host: string): boolean {
  return host === "localhost" || PRIVATE_ADDRESSES.includes(host);
}
