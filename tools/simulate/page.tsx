/**
 * The frame of every page of the simulator: marked as a simulation, no scripts.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; }
header { background: #b45309; color: #fff; padding: .5rem 1rem; font-weight: 600; }
main { max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem; }
main.narrow { max-width: 24rem; }
button, input { font: inherit; padding: .5rem .75rem; }
main.narrow button, main.narrow input { display: block; width: 100%; box-sizing: border-box; margin: .5rem 0; }
button { cursor: pointer; text-align: left; }
small { opacity: .75; display: block; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
th { white-space: nowrap; }
tbody th { width: 9rem; }
pre { overflow: auto; padding: .75rem; border: 1px solid #8884; white-space: pre-wrap; overflow-wrap: anywhere; }
`;

interface PageProps {
  readonly title: string;
  readonly narrow?: boolean;
  readonly children: ComponentChildren;
}

/** Renders a whole HTML document; everything in it is escaped. */
export function renderPage(props: PageProps): string {
  return "<!DOCTYPE html>" + renderToString(<Page {...props} />);
}

function Page({ title, narrow, children }: PageProps) {
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
        <main class={narrow ? "narrow" : undefined}>
          <h1>{title}</h1>
          {children}
        </main>
      </body>
    </html>
  );
}
