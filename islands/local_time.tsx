import { useEffect, useState } from "preact/hooks";

/**
 * A point in time: in the reader's time zone where scripts run, in UTC elsewhere.
 *
 * @param ms Milliseconds since the epoch.
 */
export default function LocalTime({ ms }: { ms: number }) {
  const iso = new Date(ms).toISOString();
  const [text, setText] = useState(`${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`);
  useEffect(() => setText(localText(ms)), [ms]);
  return <time dateTime={iso} title={iso}>{text}</time>;
}

function localText(ms: number): string {
  return new Date(ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
