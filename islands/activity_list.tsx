import { useEffect, useState } from "preact/hooks";
import ExplanationText, { type ShownExplanation } from "./explanation.tsx";
import LocalTime from "./local_time.tsx";
import { circleAlert, circleCheck, circleX, clock, Icon, unplug } from "../lib/icons/mod.ts";

/** A delivery or a refused login, ready to be shown. */
export interface ActivityItem {
  id: number;
  atMs: number;
  outcome: "accepted" | "refused" | "deferred" | "unknown" | "abandoned";
  /** A login that was refused: there is no message. */
  isLogin: boolean;
  sender: string;
  /** Such as "3 recipients", or their addresses; empty: refused before they were told. */
  recipients: string;
  /** Details in order, such as the app password, the client's address, the size. */
  details: [label: string, value: string][];
  /** Microsoft's reply; empty when there was none. */
  reply: string;
  explanation?: ShownExplanation;
}

interface ActivityListProps {
  items: readonly ActivityItem[];
  /** Where to hear of new ones; absent: the list stays as it is. */
  events?: string;
  /** Shown when there is nothing. */
  empty: string;
  /** The zone of all times. Default: the reader's. */
  zone?: "UTC";
}

/** Older ones make room. */
const SHOWN_LIMIT = 200;

/** Deliveries, the newest first, and new ones as they come. */
export default function ActivityList({ items: first, events, empty, zone }: ActivityListProps) {
  const [items, setItems] = useState(first);
  const [state, setState] = useState<LiveState>("off");
  const [arrivals, setArrivals] = useState(0);
  useEffect(() => {
    if (!events) return;
    return listen(events, setState, (news) => {
      setArrivals((count) => count + news.length);
      setItems((former) => merge(news, former));
    });
  }, [events]);
  return (
    <>
      {events && (
        <div class="live-line">
          {state !== "off" && <p class={`live ${state}`}>{LIVE_TEXT[state]}</p>}
          <p class="visually-hidden" role="status">
            {arrivals > 0 && `${arrivals} new ${arrivals === 1 ? "delivery" : "deliveries"}`}
          </p>
        </div>
      )}
      {items.length === 0 ? <p class="empty">{empty}</p> : (
        <ol class="deliveries">
          {items.map((item) => <Row key={item.id} item={item} zone={zone} />)}
        </ol>
      )}
    </>
  );
}

type LiveState = "off" | "on" | "waiting" | "ended";

const LIVE_TEXT: Readonly<Record<LiveState, string>> = {
  off: "",
  on: "Live: new ones appear by themselves",
  waiting: "The connection was lost. Trying again …",
  ended: "No longer live. Reload the page to see what is new.",
};

/** @returns what ends it. */
function listen(
  url: string,
  onState: (state: LiveState) => void,
  onNews: (news: ActivityItem[]) => void,
): () => void {
  const source = new EventSource(url);
  source.onopen = () => onState("on");
  source.onmessage = ({ data }) => onNews(JSON.parse(data));
  source.onerror = () => onState(source.readyState === EventSource.CLOSED ? "ended" : "waiting");
  return () => source.close();
}

/** After a lost connection some may come twice. */
function merge(news: readonly ActivityItem[], former: readonly ActivityItem[]): ActivityItem[] {
  const known = new Set(former.map(({ id }) => id));
  return [...news.filter(({ id }) => !known.has(id)), ...former].slice(0, SHOWN_LIMIT);
}

/** The outcomes of deliveries, as people read them. */
export const OUTCOME = {
  accepted: { text: "Accepted", icon: circleCheck, tone: "good" },
  refused: { text: "Refused", icon: circleX, tone: "bad" },
  deferred: { text: "Try again later", icon: clock, tone: "warn" },
  unknown: { text: "Unclear", icon: circleAlert, tone: "warn" },
  abandoned: { text: "Broken off", icon: unplug, tone: "warn" },
} as const;

function Row({ item, zone }: { item: ActivityItem } & Pick<ActivityListProps, "zone">) {
  const { text, icon, tone } = OUTCOME[item.outcome];
  return (
    <li class={`delivery ${item.outcome}`}>
      <p class="delivery-head">
        <span class={`badge ${tone}`}>
          <Icon shapes={icon} />
          {text}
        </span>
        <span class="addresses">
          {item.isLogin || !item.recipients ? item.sender : (
            <>
              {item.sender} <span aria-hidden="true">→</span>{" "}
              <span class="visually-hidden">to</span>
              {item.recipients}
            </>
          )}
        </span>
        <LocalTime ms={item.atMs} zone={zone} />
      </p>
      {item.details.length > 0 && (
        <dl class="details">
          {item.details.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {item.reply && <p class="reply">{item.reply}</p>}
      {item.explanation && <ExplanationText {...item.explanation} />}
    </li>
  );
}
