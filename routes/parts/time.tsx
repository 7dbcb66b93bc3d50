/** A point in time in words, the same for everybody: without a script the page does not know the reader's time zone. */
export function Time({ ms }: { ms: number }) {
  const iso = new Date(ms).toISOString();
  return <time dateTime={iso}>{iso.slice(0, 10)} {iso.slice(11, 16)} UTC</time>;
}
