import { useState } from "preact/hooks";
import { Icon, send } from "../lib/icons/mod.ts";

/** One step of the dialogue. */
export interface Step {
  kind: "note" | "client" | "server" | "success" | "failure";
  text: string;
}

interface TestMailProps {
  /** Where the form goes. With `Accept: text/event-stream` the answer is the dialogue as it happens. */
  action: string;
  /** A dialogue that has been held already, for pages without scripts. */
  steps: readonly Step[];
}

const LOST: Step = {
  kind: "failure",
  text: "The connection to this page's server was lost. Your activity page tells how it ended.",
};

/** Sends a test mail and shows what the client and the server say. */
export default function TestMail({ action, steps: held }: TestMailProps) {
  const [steps, setSteps] = useState(held);
  const [busy, setBusy] = useState(false);
  const add = (step: Step) => setSteps((former) => [...former, step]);
  async function start(event: Event) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setSteps([]);
    try {
      await readEvents<Step>(action, add);
    } catch {
      // The reason is in the browser's console; the reader needs to know where to look.
      add(LOST);
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      <form method="post" action={action} onSubmit={start}>
        <button type="submit" class="quiet" aria-disabled={busy}>
          <Icon shapes={send} />
          {busy ? "Sending…" : "Send a test mail"}
        </button>
      </form>
      {steps.length > 0 && <Dialogue steps={steps} />}
    </>
  );
}

const SPEAKER: Readonly<Record<Step["kind"], string>> = {
  note: "",
  client: "Client:",
  server: "Server:",
  success: "",
  failure: "",
};

function Dialogue({ steps }: { steps: readonly Step[] }) {
  const last = steps.at(-1);
  const ended = last?.kind === "success" || last?.kind === "failure";
  return (
    <>
      <ol class="dialogue" aria-label="What the client and the server say">
        {(ended ? steps.slice(0, -1) : steps).map(({ kind, text }, index) => (
          <li key={index} class={kind}>
            {SPEAKER[kind] && <span class="visually-hidden">{SPEAKER[kind]}</span>}
            {text || "\u00a0"}
          </li>
        ))}
      </ol>
      <div role="status">
        {ended && (
          <p class={`notice ${last.kind === "success" ? "success" : "warning"}`}>{last.text}</p>
        )}
      </div>
    </>
  );
}

/**
 * Posts an empty form and reads the answer as server-sent events: `EventSource` cannot post, and what sends a mail must not
 * be a GET.
 *
 * @throws when the connection breaks or the answer is another one.
 */
async function readEvents<Event>(
  url: string,
  onEvent: (event: Event) => void,
): Promise<void> {
  const response = await fetch(url, { method: "POST", headers: { accept: "text/event-stream" } });
  if (!response.headers.get("content-type")?.startsWith("text/event-stream") || !response.body) {
    throw new Error(`${url} answered ${response.status}`);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (unread + value).split("\n\n");
    unread = events.pop() ?? "";
    for (const event of events) {
      if (event.startsWith("data: ")) onEvent(JSON.parse(event.slice("data: ".length)));
    }
  }
}
