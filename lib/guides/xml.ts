/** Returns text for the content or an attribute of XML 1.0: markup is escaped, characters that XML does not know are dropped. */
export function xmlText(text: string | number): string {
  return String(text)
    // deno-lint-ignore no-control-regex -- these are what XML 1.0 section 2.2 leaves out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
