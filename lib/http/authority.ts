/**
 * The certificate of the program's own authority, for devices that have to trust it.
 *
 * @module
 */
import { SECURITY_HEADERS } from "./security_headers.ts";

/** Where the certificate is. */
export const AUTHORITY_PATH = "/ca.crt";

const HEADERS = {
  ...SECURITY_HEADERS,
  "cache-control": "no-store",
  "content-type": "application/x-x509-ca-cert",
  "content-disposition": 'attachment; filename="ca.crt"',
};

/** Answers with the certificate; returns `undefined` for any other path. @param pem Absent: there is none. */
export function authorityAnswer(
  { url }: Request,
  pem: string | undefined,
): Promise<Response> | undefined {
  if (pem === undefined || new URL(url).pathname !== AUTHORITY_PATH) return undefined;
  return Promise.resolve(new Response(pem, { headers: HEADERS }));
}
