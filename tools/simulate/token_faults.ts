/**
 * The ways in which the token endpoint can be made to fail.
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { type AadstsCode, errorBody } from "./microsoft_errors.ts";

/** How the token endpoint misbehaves. */
export type TokenFault =
  /** The connection is cut without an answer. */
  | { readonly kind: "down" }
  /** An HTTP status with a transient error, perhaps with `Retry-After`. */
  | { readonly kind: "status"; readonly status: 429 | 500 | 503; readonly retryAfterS?: number }
  /** An HTML page with status 200. */
  | { readonly kind: "malformed" }
  /** The right answer, late. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** Microsoft's JSON for one of its codes. */
  | { readonly kind: "error"; readonly code: AadstsCode };

/** Lets a fault happen. @returns whether it has answered the request; if not, the right answer is due. */
export async function applyFault(fault: TokenFault, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case "down":
      response.destroy();
      return true;
    case "status":
      if (fault.retryAfterS !== undefined) response.setHeader("retry-after", fault.retryAfterS);
      sendJson(response, fault.status, errorBody("AADSTS90033"));
      return true;
    case "malformed":
      response.setHeader("content-type", "text/html");
      response.end("<!DOCTYPE html><title>Our services aren't available right now</title>");
      return true;
    case "slow":
      await delay(fault.delayMs);
      return false;
    case "error":
      sendJson(response, errorStatus(fault.code), errorBody(fault.code));
      return true;
  }
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}

/** RFC 6749 section 5.2: 401 where the client is refused, else 400. */
function errorStatus(code: AadstsCode): 400 | 401 {
  return errorBody(code).error === "invalid_client" ? 401 : 400;
}
