import { useState } from "preact/hooks";
import { circleCheck, circleX, Icon, send } from "../lib/icons/mod.ts";
import ExplanationText, { type ShownExplanation } from "./explanation.tsx";

/** One step of the dialogue. `success` and `failure` end it. */
export interface Step {
  kind: "note" | "client" | "server" | "success" | "failure";
  text: string;
  explanation?: ShownExplanation;
}

/** The form and the links of a test mail. */
export interface TestMailForm {
  /** Where the form goes. With `Accept: text/event-stream` the answer is the dialogue as it happens. */
  action: string;
  recipient: string;
  /** Kinds of encryption, with their port; the recommended one first. */
  ports: readonly (readonly [value: string, text: string])[];
  /** Chosen kind. */
  port: string;
  /** Where the delivery is listed. */
  activity: string;
  /** Where the recipient reads mail; absent where that is not known. */
  webmail?: string;
}

interface TestMailProps {
  form: TestMailForm;
  /** A dialogue that has been held already, for pages without scripts. */
  steps: readonly Step[];
}

const LOST: Step = {
  kind: "failure",
  text: "The connection to this page's server was lost. Your activity page tells how it ended.",
};

/** Sends a test mail, and tells first how it ended, then what the client and the server have said. */
export default function TestMail({ form, steps: held }: TestMailProps) {
  const [steps, setSteps] = useState(held);
  const [busy, setBusy] = useState(false);
  const add = (step: Step) => setSteps((former) => [...former, step]);
  async function start(event: SubmitEvent) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setSteps([]);
    try {
      const entered = new FormData(event.currentTarget as HTMLFormElement);
      await readEvents<Step>(
        form.action,
        new URLSearchParams([...entered] as [string, string][]),
        add,
      );
    } catch {
      // The reason is in the browser's console; the reader needs to know where to look.
      add(LOST);
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      <form method="post" action={form.action} onSubmit={start}>
        <div class="row">
          <Choices {...form} />
          <button type="submit" class="quiet" aria-disabled={busy}>
            <Icon shapes={send} />
            {busy ? "Sending…" : "Send a test mail"}
          </button>
        </div>
      </form>
      <Outcome steps={steps} form={form} />
    </>
  );
}

function Choices({ recipient, ports, port }: TestMailForm) {
  return (
    <>
      <label>
        Recipient
        <input type="email" name="recipient" required maxLength={254} value={recipient} />
      </label>
      {ports.length > 1 && (
        <label class="port">
          Port
          <select name="encryption">
            {ports.map(([value, text]) => (
              <option key={value} value={value} selected={value === port}>{text}</option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

/** The verdict, and below it, folded, how it came about. */
function Outcome({ steps, form }: { steps: readonly Step[]; form: TestMailForm }) {
  const last = steps.at(-1);
  const verdict = last?.kind === "success" || last?.kind === "failure" ? last : undefined;
  const dialogue = verdict ? steps.slice(0, -1) : steps;
  return (
    <>
      <div role="status">
        {verdict
          ? <Verdict verdict={verdict} form={form} />
          : last && <p class="progress">{PROGRESS[last.kind]}</p>}
      </div>
      {dialogue.length > 0 && (
        <details>
          <summary>What the client and the server said</summary>
          <Dialogue steps={dialogue} />
        </details>
      )}
    </>
  );
}

const PROGRESS: Readonly<Partial<Record<Step["kind"], string>>> = {
  note: "Connecting …",
  client: "Talking to the server …",
  server: "Talking to the server …",
};

function Verdict({ verdict, form }: { verdict: Step; form: TestMailForm }) {
  const { kind, text, explanation } = verdict;
  const isGood = kind === "success";
  return (
    <div class={`notice verdict ${isGood ? "success" : "warning"}`}>
      <p>
        <Icon shapes={isGood ? circleCheck : circleX} class={isGood ? "good" : "bad"} />
        <strong>{isGood ? "Accepted" : "Not accepted"}</strong>
      </p>
      {explanation ? <ExplanationText {...explanation} /> : <p>{text}</p>}
      <p class="links">
        {isGood && form.webmail && <a href={form.webmail}>Open the mailbox</a>}
        <a href={form.activity}>See it on your activity page</a>
      </p>
    </div>
  );
}

const SPEAKER: Readonly<Partial<Record<Step["kind"], string>>> = {
  client: "Client:",
  server: "Server:",
};

function Dialogue({ steps }: { steps: readonly Step[] }) {
  return (
    <ol class="dialogue" aria-label="What the client and the server say">
      {steps.map(({ kind, text }, index) => (
        <li key={index} class={kind}>
          {SPEAKER[kind] && <span class="visually-hidden">{SPEAKER[kind]}</span>}
          {text || "\u00a0"}
        </li>
      ))}
    </ol>
  );
}

/**
 * Posts a form and reads the answer as server-sent events: `EventSource` cannot post, and what sends a mail must not be a
 * GET.
 *
 * @throws when the connection breaks or the answer is another one.
 */
async function readEvents<Event>(
  url: string,
  body: URLSearchParams,
  onEvent: (event: Event) => void,
): Promise<void> {
  const headers = { accept: "text/event-stream" };
  const response = await fetch(url, { method: "POST", headers, body });
  // Whose session has ended is sent to the page that says so, and signs in.
  if (response.redirected) return location.assign(response.url);
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
