/**
 * Where copiers of some makes keep their SMTP settings. A make whose manual could not be consulted is left out: the guide for
 * printers of any make tells what to look for.
 *
 * @module
 */
import type { GuideStep } from "./guide.ts";

/** A make, and the way to its settings in the words of its manual. */
interface Make {
  readonly name: string;
  readonly way: string;
  /** The manual, and when it was consulted. */
  readonly source: string;
}

const MAKES: readonly Make[] = [
  {
    name: "Canon (imageRUNNER)",
    way:
      "Additional Functions, System Settings, Network Settings, E-Mail/I-Fax; encryption and login are under Authent./Encryption.",
    source: "Universal Send Kit D1 service manual, iR5570; 2026-11",
  },
  {
    name: "Konica Minolta (bizhub)",
    way:
      "Utility, Administrator, Network, E-mail Setting, E-mail TX (SMTP); “SSL/TLS Setting” offers SMTP over SSL and Start TLS.",
    source: "www.konicaminolta.jp, guide of the bizhub C4000i, opkey_170; 2026-11",
  },
  {
    name: "Ricoh",
    way: "Web Image Monitor in a browser, then E-mail in the menu.",
    source: "Ricoh software guide, “Printer Status Notification by E-Mail”; 2026-11",
  },
  {
    name: "Xerox (WorkCentre 77xx)",
    way: "CentreWare IS in a browser, then Properties, Connectivity, Protocols, SMTP (Email).",
    source: "WorkCentre 7755/7765/7775 System Administrator Guide, page 36; 2026-11",
  },
];

/** The step that names the ways. */
export const COPIER_MENUS: GuideStep = {
  text: "On copiers of these makes the settings are here, though models differ.",
  alternatives: MAKES.map(({ name, way }) => ({ name, text: way })),
};
