import { HttpError, page } from "fresh";
import { StoreError } from "../lib/store/mod.ts";
import { OperatorContact } from "./(_components)/contact.tsx";
import { define } from "../lib/web/mod.ts";

/** The text of an error page. */
interface ErrorText {
  readonly title: string;
  readonly advice: string;
}

const TEXTS: Readonly<Record<number, ErrorText>> = {
  400: { title: "Bad request", advice: "Something in the address or the form is not valid." },
  403: { title: "Not allowed", advice: "Go back, reload the page and try again." },
  404: { title: "Page not found", advice: "There is nothing at this address." },
  405: { title: "Method not allowed", advice: "This address cannot be used in that way." },
  408: { title: "Too slow", advice: "The form did not arrive in time. Please try again." },
  413: { title: "Too large", advice: "The form is larger than this page accepts." },
  415: { title: "Unsupported form", advice: "Use the form on the page." },
  500: { title: "Internal error", advice: "It is not your fault, and it has been logged." },
  503: {
    title: "Not available right now",
    advice: "Please try again in a minute. Mail clients try again by themselves.",
  },
};

/** Answers everything that fails. Shows the text of an {@linkcode HttpError}, and of other errors only a reference. */
export const handler = define.handlers((ctx) => {
  const { error, req: { method }, url, state: { services, site } } = ctx;
  const status = statusOf(error);
  const { title, advice } = TEXTS[status] ?? TEXTS[status < 500 ? 400 : 500]!;
  const reference = status < 500 ? undefined : crypto.randomUUID().slice(0, 8);
  if (reference) {
    services.report({ error, reference, method, path: site.localPath(url.pathname) });
  }
  ctx.state.title = title;
  const text = error instanceof HttpError && error.message || advice;
  return page({ title, text, reference }, { status });
});

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  return error instanceof StoreError ? 503 : 500;
}

export default define.page<typeof handler>(({ data, state: { site } }) => (
  <>
    <h1>{data.title}</h1>
    <p>{data.text}</p>
    {data.reference && (
      <p>
        Reference for the operator: <code>{data.reference}</code>.<OperatorContact />
      </p>
    )}
    <p>
      <a class="button" href={site.path("/")}>To the start page</a>
    </p>
  </>
));
