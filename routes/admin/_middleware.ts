import { requireAdmin, requireUser } from "../../lib/web/mod.ts";

export const handler = [requireUser, requireAdmin];
