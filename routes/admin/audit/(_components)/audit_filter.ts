import { AUDIT_ACTIONS, type AuditAction } from "../../../../lib/admin/mod.ts";
import { searchIn } from "../../../(_components)/search_form.tsx";

/** The selection of the audit trail in the address of its page. */
export interface AuditFilter {
  readonly search?: string;
  readonly action?: AuditAction;
}

/** Reads the selection from an address. */
export function auditFilter(query: URLSearchParams): AuditFilter {
  return {
    search: searchIn(query),
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
