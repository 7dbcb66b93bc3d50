import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import { SiteNotice } from "./site_notice.tsx";

Deno.test("SiteNotice makes links of web addresses, and of nothing else", () => {
  const text = "Demo. See http://localhost:8025/, not <b> or javascript:alert(1).";
  const html = renderToString(<SiteNotice text={text} />);
  assert.ok(html.includes('<a href="http://localhost:8025/">http://localhost:8025/</a>'), html);
  assert.match(html, /&lt;b/);
  assert.equal(html.match(/<a /g)?.length, 1);
});

Deno.test("SiteNotice shows nothing where there is none", () => {
  assert.equal(renderToString(<SiteNotice text={undefined} />), "");
});
