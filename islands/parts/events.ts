/**
 * Posts an empty form and reads the answer as server-sent events: `EventSource` cannot post, and what sends a mail must not
 * be a GET.
 *
 * @throws when the connection breaks or the answer is another one.
 */
export async function readEvents<Event>(
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
