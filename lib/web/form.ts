import { HttpError } from "fresh";
import { type Clock, SECOND_MS } from "../base/mod.ts";

/** Ours have a few short fields. */
const MAX_FORM_OCTETS = 16 * 1024;
/** A form fits into a few packets: who takes longer holds the connection on purpose. */
const FORM_TIMEOUT_MS = 10 * SECOND_MS;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i;

/**
 * Reads the fields of a form.
 *
 * @param maxOctets Longest form: larger where lists are entered.
 * @throws {HttpError} 415 for another kind of body, 413 for one that is too large, 408 for one that takes too long.
 */
export async function readForm(
  request: Request,
  clock: Pick<Clock, "setTimer">,
  maxOctets = MAX_FORM_OCTETS,
): Promise<URLSearchParams> {
  if (!FORM_TYPE.test(request.headers.get("content-type") ?? "")) {
    throw new HttpError(415, "Send this form as application/x-www-form-urlencoded.");
  }
  if (!request.body) return new URLSearchParams();
  const reader = request.body.getReader();
  let late = false;
  const timer = clock.setTimer(FORM_TIMEOUT_MS, () => {
    late = true;
    reader.cancel().catch(() => {}); // The connection may be gone already, which is as good.
  });
  try {
    return new URLSearchParams(await readText(reader, () => late, maxOctets));
  } finally {
    timer.cancel();
  }
}

async function readText(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  isLate: () => boolean,
  maxOctets: number,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let octets = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (isLate()) throw new HttpError(408, "The form took too long to arrive.");
    if (done) return text + decoder.decode();
    octets += value.length;
    if (octets > maxOctets) throw new HttpError(413, "The form is too large.");
    text += decoder.decode(value, { stream: true });
  }
}
