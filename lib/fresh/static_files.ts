import { localPath } from "./app.ts";
import type { Context, Middleware } from "./context.ts";
import { VERSION_PARAMETER } from "./runtime.ts";
import type { SnapshotFile } from "./snapshot.ts";

const ONE_YEAR_S = 365 * 24 * 60 * 60;
const KEEP = `public, max-age=${ONE_YEAR_S}, immutable`;
const REVALIDATE = "no-cache";

/** Serves the scripts of the islands and the files of `static/`. */
export function staticFiles<State>(): Middleware<State> {
  return (ctx) => {
    const file = ctx.snapshot?.files.get(localPath(ctx.url.pathname, ctx.config.basePath));
    if (!file) return ctx.next();
    if (ctx.req.method !== "GET" && ctx.req.method !== "HEAD") {
      return new Response("Method Not Allowed", { status: 405 });
    }
    return serve(ctx, file);
  };
}

function serve<State>({ req, url }: Context<State>, file: SnapshotFile): Response {
  const etag = `"${file.hash}"`;
  const versioned = file.immutable || url.searchParams.get(VERSION_PARAMETER) === file.hash;
  const headers = { etag, "cache-control": versioned ? KEEP : REVALIDATE };
  if (matches(req.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(file.bytes, { headers: { ...headers, "content-type": file.contentType } });
}

/** Weak comparison (RFC 9110 section 13.1.2): the server compresses on the way and then weakens our tag. */
function matches(ifNoneMatch: string | null, etag: string): boolean {
  return (ifNoneMatch ?? "").split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""))
    .some((tag) => tag === etag || tag === "*");
}
