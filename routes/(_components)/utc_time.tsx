/** A point in time in UTC, labelled: operators compare it with logs. */
export function UtcTime({ ms }: { ms: number }) {
  const iso = new Date(ms).toISOString();
  return <time dateTime={iso}>{iso.slice(0, 10)} {iso.slice(11, 16)} UTC</time>;
}
