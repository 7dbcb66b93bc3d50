/**
 * The panel's switches for programs: GET tells what can go wrong and what does, POST switches a trouble on, DELETE off.
 *
 * @module
 */
import type { Stage } from "../troubles/stages.ts";
import {
  isTroubleId,
  type Scope,
  type TroubleId,
  type TroubleOptions,
  TROUBLES,
  type Troubles,
} from "../troubles/troubles.ts";

/** The body of POST, as JSON. In that of DELETE, all may be absent: then everything is switched off. */
interface SwitchOn {
  readonly scope: Scope;
  readonly id: TroubleId;
  readonly options?: TroubleOptions;
}

/** Answers a request to `/api/troubles`. */
export async function switchByJson(troubles: Troubles, request: Request): Promise<Response> {
  if (request.method === "GET") {
    const active = troubles.list.map(({ healedFor, ...one }) => ({
      ...one,
      healedFor: [...healedFor],
    }));
    return Response.json({ active, known: TROUBLES });
  }
  const body = await request.json().catch(() => undefined);
  const problem = problemOf(request.method, body);
  if (problem) return Response.json({ error: problem }, { status: 400 });
  const { scope, id, options } = body as SwitchOn;
  if (request.method === "POST") troubles.set(scope, id, options);
  else troubles.clear(scope, id);
  return new Response(null, { status: 204 });
}

/** Returns the fault of a request, if it has one. */
function problemOf(method: string, body: unknown): string | undefined {
  if (method !== "POST" && method !== "DELETE") return "Use GET, POST or DELETE.";
  if (typeof body !== "object" || body === null) return "The body has to be a JSON object.";
  const { scope, id, options } = body as Record<string, unknown>;
  if ((method === "POST" || scope !== undefined) && !isScope(scope)) {
    return 'The scope has to be "everyone", or an object with mailbox, tenant or application.';
  }
  if ((method === "POST" || id !== undefined) && !(typeof id === "string" && isTroubleId(id))) {
    return "There is no such trouble; GET tells which there are.";
  }
  const { stages } = (options ?? {}) as { stages?: readonly Stage[] };
  return stages === undefined || Array.isArray(stages)
    ? undefined
    : "The stages have to be a list.";
}

function isScope(value: unknown): value is Scope {
  if (value === "everyone") return true;
  if (typeof value !== "object" || value === null) return false;
  const entries = Object.entries(value);
  return entries.length === 1 &&
    entries.every(([kind, name]) =>
      ["mailbox", "tenant", "application"].includes(kind) && typeof name === "string"
    );
}
