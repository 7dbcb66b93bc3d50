import { type Guide, GUIDE_GROUPS } from "../../../lib/guides/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";

/** Returns the anchor of a group on the page of all guides. */
export function groupAnchor(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]+/g, "-");
}

interface ContentsProps {
  readonly site: Site;
  /** On the page of a guide all guides are listed, elsewhere the groups alone. */
  readonly withGuides: boolean;
}

/** The table of contents of the guides: beside the text on wide screens, folded above it on others. */
export function Contents(props: ContentsProps) {
  return (
    <nav class="contents" aria-label="Contents">
      <details class="folded">
        <summary>{props.withGuides ? "Other guides" : "On this page"}</summary>
        <Groups {...props} />
      </details>
      <div class="beside">
        <Groups {...props} />
      </div>
    </nav>
  );
}

function Groups({ site, withGuides }: ContentsProps) {
  return (
    <ul>
      {GUIDE_GROUPS.map(({ name, guides }) => (
        <li key={name}>
          {withGuides
            ? (
              <>
                <strong>{name}</strong>
                <GuideLinks guides={guides} site={site} />
              </>
            )
            : <a href={`#${groupAnchor(name)}`}>{name}</a>}
        </li>
      ))}
    </ul>
  );
}

interface GuideLinksProps {
  readonly guides: readonly Guide[];
  readonly site: Site;
  readonly class?: string;
}

/** Links to guides. */
export function GuideLinks({ guides, site, class: name }: GuideLinksProps) {
  return (
    <ul class={name}>
      {guides.map(({ slug, name }) => (
        <li key={slug}>
          <a href={site.path(`/guides/${slug}`)}>{name}</a>
        </li>
      ))}
    </ul>
  );
}
