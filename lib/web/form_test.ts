import assert from "node:assert/strict";
import { HttpError } from "fresh";
import { ManualClock } from "../testing/manual_clock.ts";
import { readForm as read } from "./form.ts";

const clock = new ManualClock(0);
const readForm = (request: Request) => read(request, clock);
const FORM = "application/x-www-form-urlencoded";

function request(body: BodyInit, type = FORM): Request {
  return new Request("http://site.example/", {
    method: "POST",
    body,
    headers: { "content-type": type },
  });
}

const hasStatus = (status: number) => (error: unknown) =>
  error instanceof HttpError && error.status === status;

Deno.test("readForm() reads fields, UTF-8 included", async () => {
  const form = await readForm(request("name=B%C3%BCro+1&other=", `${FORM}; charset=UTF-8`));
  assert.equal(form.get("name"), "Büro 1");
  assert.equal(form.get("other"), "");
});

Deno.test("readForm() refuses other kinds of body with 415", async () => {
  await assert.rejects(readForm(request("{}", "application/json")), hasStatus(415));
  await assert.rejects(readForm(request("a=b", "text/plain")), hasStatus(415));
});

Deno.test("W10: readForm() refuses large forms with 413 and reads no further", async () => {
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(1024).fill(97));
    },
  });
  await assert.rejects(readForm(request(endless)), hasStatus(413));
  assert.ok(pulled < 32, `${pulled} chunks were read`);
});

Deno.test("W10: readForm() gives up with 408 when a form takes too long", async () => {
  const stalled = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("name=")),
  });
  const reading = assert.rejects(readForm(request(stalled)), hasStatus(408));
  await clock.advance(10_000);
  await reading;
});
