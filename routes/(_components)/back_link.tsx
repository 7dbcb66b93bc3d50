/** A link above the title to the page that this one belongs to. */
export function BackLink({ href, children }: { href: string; children: string }) {
  return (
    <p class="back">
      <a href={href}>{children}</a>
    </p>
  );
}
