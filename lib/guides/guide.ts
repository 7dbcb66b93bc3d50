/**
 * The parts of a guide.
 *
 * @module
 */
import type { Encryption, Endpoint } from "./smtp_settings.ts";

/** The values that a guide is filled in with. */
export interface GuideValues {
  readonly host: string;
  readonly endpoint: Endpoint;
  /** The SMTP user name. */
  readonly username: string;
  /** The address to send from. */
  readonly mailbox: string;
  /** Path of a private certificate authority that the reader's program has to trust. */
  readonly caFile?: string;
}

/** Something to enter: what the program calls it, and the value. */
export type Field = readonly [label: string, value: string | number];

/** One step, in the order: text, fields, code, note. */
export interface GuideStep {
  readonly text: string;
  readonly fields?: readonly Field[];
  /** To paste as a whole. */
  readonly code?: string;
  /** A warning of something unexpected that the program may do. */
  readonly note?: string;
  /** A file of ours to load. */
  readonly download?: { readonly path: string; readonly label: string };
}

/** The steps to set up one program or device. */
export interface Guide {
  /** Part of the address: `/guides/<slug>`. */
  readonly slug: string;
  readonly name: string;
  readonly summary: string;
  /** The condition under which it can work. */
  readonly needs?: string;
  /** Kinds of encryption it knows, the best one first. Default: all. */
  readonly prefers?: readonly Encryption[];
  steps(values: GuideValues): readonly GuideStep[];
}

/** Stands where the app password goes: passwords are shown once, when they are made, and known to nobody later. */
export const PASSWORD_PLACEHOLDER = "YOUR-APP-PASSWORD";

/** The names of the kinds of encryption in most programs. */
export const ENCRYPTION_NAME: Readonly<Record<Encryption, string>> = {
  STARTTLS: "STARTTLS",
  TLS: "SSL/TLS",
  none: "None",
};

/** The five values that every program asks for. */
export function commonFields(
  { host, endpoint, username }: GuideValues,
  encryptionName: Readonly<Record<Encryption, string>> = ENCRYPTION_NAME,
): readonly Field[] {
  return [
    ["Server", host],
    ["Port", endpoint.port],
    ["Encryption", encryptionName[endpoint.encryption]],
    ["User name", username],
    ["Password", "your app password"],
  ];
}
