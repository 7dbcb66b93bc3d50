import { extname } from "node:path";

/** Media types by file name extension; text is UTF-8. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".ico": "image/vnd.microsoft.icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** The media type of a file. @throws {Error} for an extension that is not in the table. */
export function contentTypeOf(path: string): string {
  const type = CONTENT_TYPES[extname(path)];
  if (!type) throw new Error(`${path}: add its media type to the table in content_type.ts`);
  return type;
}
