/**
 * The frame of every page of the simulation, which says that it is one.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";

const STYLE = Deno.readTextFileSync(new URL("style.css", import.meta.url));

/** The pages that are linked from every page with mail. */
const PLACES = [["/", "Sent mail"], ["/troubles", "What goes wrong"]] as const;

interface PageProps {
  readonly title: string;
  /** Whether the content is a card in the middle of the page. */
  readonly narrow?: boolean;
  /** The address of the page among the linked ones. Absent: the page has no links. */
  readonly place?: string;
  /** The address of a stream of events. At each event, the page fetches its list again. */
  readonly events?: string;
  readonly children: ComponentChildren;
}

/** Renders a whole HTML document; everything in it is escaped. */
export function renderPage(props: PageProps): string {
  return "<!DOCTYPE html>" + renderToString(<Page {...props} />);
}

function Page({ title, narrow, place, events, children }: PageProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} – simulation`}</title>
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body class={narrow ? "narrow" : undefined}>
        <header class="banner">
          <p>Simulation on this machine – this is not Microsoft, and no mail leaves it</p>
        </header>
        {place !== undefined && <Places current={place} />}
        <main>
          <h1>{title}</h1>
          {children}
        </main>
        {events !== undefined && <script src="/live.js" data-events={events} />}
      </body>
    </html>
  );
}

function Places({ current }: { readonly current: string }) {
  return (
    <nav class="places" aria-label="Simulation">
      {PLACES.map(([path, name]) => (
        <a href={path} aria-current={path === current ? "page" : undefined}>{name}</a>
      ))}
    </nav>
  );
}
