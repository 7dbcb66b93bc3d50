/**
 * The authority's advice on when to renew a certificate (ARI, RFC 9773).
 *
 * @module
 */
import { AcmeClient } from "@fishballpkg/acme";
import { encodeBase64Url } from "../crypto/mod.ts";
import { asProblem } from "./account.ts";
import { problemOfResponse } from "./problem.ts";

/** The time span in which the authority wants a certificate to be renewed, in milliseconds since the epoch. */
export interface RenewalWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** The fields of a certificate that identify it. */
interface Identified {
  /** The key identifier of its issuer. */
  readonly authorityKeyId: Uint8Array;
  /** Hexadecimal. */
  readonly serialNumber: string;
}

/** Returns the identifier of a certificate (RFC 9773 section 4.1). */
export function certificateId({ authorityKeyId, serialNumber }: Identified): string {
  return `${encodeBase64Url(authorityKeyId)}.${encodeBase64Url(derInteger(serialNumber))}`;
}

/** Asks the authority. @returns `undefined` if it gives no advice. @throws {AcmeProblem} */
export async function renewalWindow(
  directoryUrl: string,
  id: string,
): Promise<RenewalWindow | undefined> {
  return await asProblem(async () => {
    const { directory } = await AcmeClient.init(directoryUrl);
    if (!directory.renewalInfo) return undefined;
    const response = await fetch(`${directory.renewalInfo.replace(/\/$/, "")}/${id}`);
    if (!response.ok) throw await problemOfResponse(response);
    const { suggestedWindow } = await response.json();
    const [startMs, endMs] = [suggestedWindow?.start, suggestedWindow?.end].map(Date.parse);
    return startMs! < endMs! ? { startMs: startMs!, endMs: endMs! } : undefined;
  });
}

/** Returns the content of a positive DER integer: a zero comes before a first octet of 128 or more. */
function derInteger(hexadecimal: string): Uint8Array {
  const even = hexadecimal.length % 2 === 0 ? hexadecimal : `0${hexadecimal}`;
  const octets = Uint8Array.fromHex(even);
  return octets[0]! < 0x80 ? octets : Uint8Array.of(0, ...octets);
}
