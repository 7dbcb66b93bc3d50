import { asset } from "fresh/runtime";
import { define } from "../lib/web/state.ts";

/** Name of the product, as people read it. */
export const PRODUCT = "SMTP OAuth2 Proxy";

/** The HTML document around every page. */
export default define.layout(({ Component, config, state }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{state.title ? `${state.title} – ${PRODUCT}` : PRODUCT}</title>
      <link rel="stylesheet" href={asset("/styles.css", config.basePath)} />
      <link rel="icon" href={asset("/favicon.svg", config.basePath)} type="image/svg+xml" />
    </head>
    <body>
      <Component />
    </body>
  </html>
));
