import type { Site } from "../../../lib/web/site.ts";

const PAGES = [
  ["/admin", "Overview"],
  ["/admin/accounts", "Accounts"],
  ["/admin/configuration", "Configuration"],
] as const;

interface AdminNavigationProps {
  readonly site: Site;
  readonly here: (typeof PAGES)[number][0];
}

/** The pages for operators. */
export function AdminNavigation({ site, here }: AdminNavigationProps) {
  return (
    <nav class="tabs" aria-label="Admin">
      {PAGES.map(([path, name]) => (
        <a key={path} href={site.path(path)} aria-current={path === here ? "page" : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}
