import { requireAdmin } from "../../lib/web/mod.ts";

export const handler = [requireAdmin];
