/** An error and its causes on one line, for the log: `no connection to host:587: Connection refused`. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message === "" ? error.name : error.message;
  return error.cause === undefined ? own : `${own}: ${errorText(error.cause)}`;
}
