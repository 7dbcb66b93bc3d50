import { useEffect, useState } from "preact/hooks";

interface LocalTimeProps {
  /** Milliseconds since the epoch. */
  ms: number;
  /** The part that is shown. Default: all. */
  part?: "date" | "time";
  /** UTC: also where scripts run. */
  zone?: "UTC";
}

/** A point in time: in the reader's time zone where scripts run, in UTC elsewhere. */
export default function LocalTime({ ms, part, zone }: LocalTimeProps) {
  const iso = new Date(ms).toISOString();
  const [text, setText] = useState(utcText(iso, part));
  useEffect(() => {
    if (!zone) setText(localText(ms, part));
  }, [ms, part, zone]);
  return <time dateTime={iso} title={iso}>{text}</time>;
}

function utcText(iso: string, part: LocalTimeProps["part"]): string {
  const [date, time] = [iso.slice(0, 10), `${iso.slice(11, 16)} UTC`];
  return part === "date" ? date : part === "time" ? time : `${date} ${time}`;
}

function localText(ms: number, part: LocalTimeProps["part"]): string {
  return new Date(ms).toLocaleString(undefined, {
    dateStyle: part === "time" ? undefined : "medium",
    timeStyle: part === "date" ? undefined : "short",
  });
}
