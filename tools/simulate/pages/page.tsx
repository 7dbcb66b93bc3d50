/**
 * The frame of every page of the simulator: marked as a simulation, no scripts.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --line: #8885; --accent: #b45309; }
body { margin: 0; }
a { color: light-dark(#0b4fb3, #9cc4ff); }
header { background: var(--accent); color: #fff; padding: .5rem 1rem; font-weight: 600; }
nav { padding: .5rem 1rem; border-bottom: 1px solid var(--line); }
nav a { margin-right: 1.25rem; padding: .25rem 0; }
[aria-current] { font-weight: 600; text-decoration: none; color: inherit; }
main { max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem; }
main.narrow { max-width: 24rem; }
h1 { line-height: 1.2; }
h2 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
button, input, select { font: inherit; padding: .5rem .75rem; box-sizing: border-box; max-width: 100%; }
button { cursor: pointer; }
main.narrow button, main.narrow input { display: block; width: 100%; margin: .5rem 0; }
main.narrow button { text-align: left; }
main.narrow button.main { text-align: center; background: var(--accent); color: #fff; border: 1px solid var(--accent); font-weight: 600; }
small { display: block; }
[role=alert] { border-left: .3rem solid #c00; padding: .25rem .75rem; overflow-wrap: anywhere; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { white-space: nowrap; }
tbody th { width: 9rem; font-weight: 600; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { overflow: auto; padding: .75rem; border: 1px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere; }
ul.plain { list-style: none; padding: 0; margin: 0; }
ul.plain li { display: inline-block; margin: 0 1.25rem .25rem 0; }
.on { color: light-dark(#c00, #f99); font-weight: 600; }
`;

/** The pages that every page of the mailbox leads to. */
const PLACES = [["/", "Sent mail"], ["/troubles", "What goes wrong"]] as const;

interface PageProps {
  readonly title: string;
  readonly narrow?: boolean;
  /** The address of the page itself among those that all pages lead to; absent: it leads to none. */
  readonly place?: string;
  readonly children: ComponentChildren;
}

/** Renders a whole HTML document; everything in it is escaped. */
export function renderPage(props: PageProps): string {
  return "<!DOCTYPE html>" + renderToString(<Page {...props} />);
}

function Page({ title, narrow, place, children }: PageProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} – simulation`}</title>
        <style>{STYLE}</style>
      </head>
      <body>
        <header>Simulation on this machine – this is not Microsoft, and no mail leaves it</header>
        {place !== undefined && <Places current={place} />}
        <main class={narrow ? "narrow" : undefined}>
          <h1>{title}</h1>
          {children}
        </main>
      </body>
    </html>
  );
}

function Places({ current }: { readonly current: string }) {
  return (
    <nav aria-label="Simulation">
      {PLACES.map(([path, name]) => (
        <a href={path} aria-current={path === current ? "page" : undefined}>{name}</a>
      ))}
    </nav>
  );
}
