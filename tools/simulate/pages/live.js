// Keeps the list of messages up to date. Without it, the page is reloaded by hand.
const { events } = document.currentScript.dataset;

/** Replaces the list and the count by those of now; who stands on a row stays there. */
async function refresh() {
  const answer = await fetch(location.href);
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  const { id } = document.activeElement;
  document.getElementById("count").textContent = now.getElementById("count").textContent;
  document.getElementById("messages").replaceWith(now.getElementById("messages"));
  if (id) document.getElementById(id)?.focus();
}

const source = new EventSource(events);
source.onopen = () => document.body.classList.add("is-live");
source.onerror = () => document.body.classList.remove("is-live");
source.onmessage = refresh;
