import { asset } from "fresh/runtime";
import { define } from "../lib/web/mod.ts";

/** Name of the product, as people read it. */
export const PRODUCT = "SMTP OAuth2 Proxy";

const STYLES = ["tokens", "base", "forms", "components", "pages", "records", "organisation"];

/** The HTML document around every page. */
export default define.layout(({ Component, state: { site, title, isWide } }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{title ? `${title} – ${PRODUCT}` : PRODUCT}</title>
      {STYLES.map((name) => (
        <link key={name} rel="stylesheet" href={site.path(asset(`/styles/${name}.css`))} />
      ))}
      <link rel="icon" href={site.path(asset("/favicon.ico"))} sizes="32x32" />
      <link rel="icon" href={site.path(asset("/favicon.svg"))} type="image/svg+xml" />
      <link rel="apple-touch-icon" href={site.path(asset("/apple-touch-icon.png"))} />
    </head>
    <body class={isWide ? "wide" : undefined}>
      <Component />
    </body>
  </html>
));
