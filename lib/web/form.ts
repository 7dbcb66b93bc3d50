import { HttpError } from "fresh";

/** Ours have a few short fields. */
const MAX_FORM_OCTETS = 16 * 1024;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i;

/**
 * The fields of a form.
 *
 * @throws {HttpError} 415 for another kind of body, 413 for one that is too large.
 */
export async function readForm(request: Request): Promise<URLSearchParams> {
  if (!FORM_TYPE.test(request.headers.get("content-type") ?? "")) {
    throw new HttpError(415, "Send this form as application/x-www-form-urlencoded.");
  }
  const decoder = new TextDecoder();
  let text = "";
  let octets = 0;
  for await (const chunk of request.body ?? []) {
    octets += chunk.length;
    if (octets > MAX_FORM_OCTETS) throw new HttpError(413, "The form is too large.");
    text += decoder.decode(chunk, { stream: true });
  }
  return new URLSearchParams(text + decoder.decode());
}
