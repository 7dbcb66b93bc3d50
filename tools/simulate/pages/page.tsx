/**
 * The frame of every page of the simulator, marked as a simulation.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";

const STYLE = Deno.readTextFileSync(new URL("style.css", import.meta.url));

/** The pages that every page of the mailbox leads to. */
const PLACES = [["/", "Sent mail"], ["/troubles", "What goes wrong"]] as const;

interface PageProps {
  readonly title: string;
  /** A card in the middle of the page. */
  readonly narrow?: boolean;
  /** The address of the page itself among those that all pages lead to; absent: it leads to none. */
  readonly place?: string;
  /** Address of a stream of events; each lets the page fetch its list anew. */
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
