import type { Site } from "../../../lib/web/mod.ts";

const PAGES = [
  ["/admin", "Overview"],
  ["/admin/accounts", "Accounts"],
  ["/admin/organisation", "Organisation"],
  ["/admin/audit", "Audit trail"],
  ["/admin/configuration", "Configuration"],
  ["/admin/checks", "Checks"],
  ["/admin/replicas", "Replicas"],
] as const;

/** The pages for operators. */
export function AdminNavigation({ site }: { site: Site }) {
  return (
    <nav class="tabs" aria-label="Admin">
      {PAGES.map(([path, name]) => <a key={path} href={site.path(path)}>{name}</a>)}
    </nav>
  );
}
