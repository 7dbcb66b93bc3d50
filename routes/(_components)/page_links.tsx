import type { ComponentChildren } from "preact";
import { download, Icon } from "../../lib/icons/mod.ts";

/** Links to the other parts of a list. */
export function PageLinks({ children }: { children: ComponentChildren }) {
  return <nav class="pages" aria-label="Pages">{children}</nav>;
}

/** A link to another part of a list. Only its query differs, so it says itself that it does not lead here. */
export function PageLink({ href, children }: { href: string; children: ComponentChildren }) {
  return <a class="button quiet" aria-current="false" href={href}>{children}</a>;
}

interface NewestFirstProps {
  /** Address of the first part. Absent: it is shown. */
  readonly newest?: string;
  /** Address of the next part. Absent: there is none. */
  readonly older?: string;
  /** Address of a file with all of it. Absent: there is nothing in it. */
  readonly csv?: string;
}

/** Links through a list whose newest rows come first. */
export function NewestFirstLinks({ newest, older, csv }: NewestFirstProps) {
  return (
    <PageLinks>
      {newest && <PageLink href={newest}>Newest</PageLink>}
      {older && <PageLink href={older}>Older</PageLink>}
      {csv && (
        <a class="button quiet" href={csv}>
          <Icon shapes={download} />
          Download as CSV
        </a>
      )}
    </PageLinks>
  );
}
