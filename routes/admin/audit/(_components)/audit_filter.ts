import { AUDIT_ACTIONS, type AuditAction } from "../../../../lib/admin/mod.ts";

/** The selection of the audit trail in the address of its page. */
export interface AuditFilter {
  readonly search?: string;
  readonly action?: AuditAction;
}

const MAX_SEARCH_LENGTH = 200;

/** Reads the selection from an address. */
export function auditFilter(query: URLSearchParams): AuditFilter {
  return {
    search: query.get("search")?.trim().slice(0, MAX_SEARCH_LENGTH) || undefined,
    action: AUDIT_ACTIONS.find((action) => action === query.get("action")),
  };
}

/** Returns the selection for an address, with other parameters. */
export function auditQuery(
  { search, action }: AuditFilter,
  more: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams({
    ...search !== undefined && { search },
    ...action !== undefined && { action },
    ...more,
  });
  return query.size === 0 ? "" : `?${query}`;
}
