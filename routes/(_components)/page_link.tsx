import type { ComponentChildren } from "preact";

/** A link to another part of a list. Only its query differs, so it says itself that it does not lead here. */
export function PageLink({ href, children }: { href: string; children: ComponentChildren }) {
  return <a class="button quiet" aria-current="false" href={href}>{children}</a>;
}
