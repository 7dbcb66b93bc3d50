/** Adds `Set-Cookie` headers, one for each value (RFC 6265 section 3: they cannot be folded into one). */
export function setCookies(headers: Headers, values: readonly string[]): Headers {
  for (const value of values) headers.append("set-cookie", value);
  return headers;
}
