/** Returns an error and its causes on one line, without repetition: `no connection to host:587: Connection refused`. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message === "" ? error.name : error.message;
  if (error.cause === undefined) return own;
  const cause = errorText(error.cause);
  if (own.includes(cause)) return own;
  return cause.startsWith(own) ? cause : `${own}: ${cause}`;
}
