import { useEffect, useRef } from "preact/hooks";

/** Keeps the form around it from being sent twice by a double click: the second click would do everything once more. */
export default function SubmitOnce() {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const form = place.current?.closest("form");
    let isSent = false;
    const onSubmit = (event: Event) => {
      if (isSent) event.preventDefault();
      isSent = true;
    };
    // The way back may show the same page again.
    const onShown = () => {
      isSent = false;
    };
    form?.addEventListener("submit", onSubmit);
    globalThis.addEventListener("pageshow", onShown);
    return () => {
      form?.removeEventListener("submit", onSubmit);
      globalThis.removeEventListener("pageshow", onShown);
    };
  }, []);
  return <span ref={place} hidden></span>;
}
