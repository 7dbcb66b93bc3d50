/**
 * The administration: access to it without an account, invitations, and the audit trail of who did what.
 *
 * @module
 */
export { AdminAccess, LINK_LIFETIME_MS } from "./access.ts";
export { type CreatedInvitation, type InvitationChoice, Invitations } from "./invitations.ts";
export {
  Audit,
  AUDIT_ACTIONS,
  type AuditAction,
  COMMAND_LINE,
  ONE_TIME_LINK,
  subjectOf,
} from "./audit.ts";
