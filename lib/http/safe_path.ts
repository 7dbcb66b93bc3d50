const ANY_ORIGIN = "http://site.invalid";

/**
 * Returns a path on this site, the only kind of `next` that is followed.
 *
 * @param value From a request. Anything but a path with an optional query becomes the fallback.
 */
export function safePath(value: string | null | undefined, fallback: string): string {
  if (!value?.startsWith("/") || /[\\\p{Cc}]/u.test(value)) return fallback;
  const url = URL.parse(value, ANY_ORIGIN);
  if (url?.origin !== ANY_ORIGIN || url.pathname.startsWith("//")) return fallback;
  return url.pathname + url.search;
}
