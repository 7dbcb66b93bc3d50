import { useEffect, useState } from "preact/hooks";
import { circleCheck, Icon } from "../lib/components/mod.ts";

/** The result of the last action. Screen readers announce what changes, so the text comes once more when scripts run. */
export default function Flash({ text }: { text: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => setSaid(text), [text]);
  return (
    <div class="flash">
      <Icon shapes={circleCheck} class="good" />
      <p aria-hidden={said !== ""}>{text}</p>
      <span class="visually-hidden" role="status">{said}</span>
    </div>
  );
}
