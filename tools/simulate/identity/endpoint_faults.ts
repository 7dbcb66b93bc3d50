/**
 * The ways in which an endpoint of the identity service can be made to fail.
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import type { Clock } from "../../../lib/base/mod.ts";
import { delay } from "../delay.ts";
import {
  errorBody,
  type ErrorValues,
  type MicrosoftErrorBody,
} from "../troubles/microsoft_errors.ts";
import type { TokenFault } from "../troubles/identity_troubles.ts";

/** Parts that a fault works with. */
interface FaultContext {
  readonly clock: Clock;
  /** Aborted when the service stops. */
  readonly signal: AbortSignal;
  /** Values for the placeholders in Microsoft's text. */
  readonly values?: ErrorValues;
}

/** Lets a fault happen. @returns whether it has answered the request; if not, the right answer is due. */
export async function applyFault(
  fault: TokenFault,
  response: ServerResponse,
  { clock, signal, values }: FaultContext,
): Promise<boolean> {
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
    case "hang":
      return true;
    case "slow":
      await delay(clock, fault.delayMs, signal);
      return false;
    case "error":
      sendError(response, errorBody(fault.code, values));
      return true;
  }
}

/** Refuses a request as the token endpoint does; RFC 6749 section 5.2: 401 where the client is refused, else 400. */
export function sendError(response: ServerResponse, body: MicrosoftErrorBody): void {
  sendJson(response, body.error === "invalid_client" ? 401 : 400, body);
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
