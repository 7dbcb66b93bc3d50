import { HttpError } from "fresh";
import { StoreError } from "../lib/store/mod.ts";
import { define } from "../lib/web/state.ts";

/** What an error page says. */
interface ErrorText {
  readonly title: string;
  readonly advice: string;
}

const TEXTS: Readonly<Record<number, ErrorText>> = {
  400: { title: "Bad request", advice: "Something in the address or the form is not valid." },
  403: { title: "Not allowed", advice: "Go back, reload the page and try again." },
  404: { title: "Page not found", advice: "There is nothing at this address." },
  405: { title: "Method not allowed", advice: "This address cannot be used in that way." },
  408: { title: "Too slow", advice: "What was sent did not arrive in time. Please try again." },
  413: { title: "Too large", advice: "What was sent is larger than this page takes." },
  415: { title: "Unsupported form", advice: "Use the form on the page." },
  500: { title: "Internal error", advice: "It is not your fault, and it has been logged." },
  503: {
    title: "Not available right now",
    advice: "Please try again in a minute. Mail clients try again by themselves.",
  },
};

/** Answers everything that fails. Shows the text of an {@linkcode HttpError}, and of other errors only a reference. */
export const errorPage = define.middleware(async (ctx) => {
  const { error, req, url, state } = ctx;
  const status = statusOf(error);
  const text = TEXTS[status] ?? TEXTS[status < 500 ? 400 : 500]!;
  const reference = status < 500 ? undefined : crypto.randomUUID().slice(0, 8);
  if (reference) {
    state.services.report({ error, reference, method: req.method, path: url.pathname });
  }
  state.title = text.title;
  const view = (
    <ErrorView
      text={text}
      detail={error instanceof HttpError ? error.message : ""}
      reference={reference}
      home={state.site.path("/")}
    />
  );
  try {
    return await ctx.render(view, { status });
  } catch {
    // The page itself is broken, perhaps the very cause of this error, which has been reported. Text always works.
    return new Response(`${text.title}. ${text.advice}`, { status });
  }
});

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  return error instanceof StoreError ? 503 : 500;
}

interface ErrorViewProps {
  readonly text: ErrorText;
  readonly detail: string;
  readonly reference: string | undefined;
  readonly home: string;
}

function ErrorView({ text, detail, reference, home }: ErrorViewProps) {
  return (
    <>
      <h1>{text.title}</h1>
      <p>{detail || text.advice}</p>
      {reference && (
        <p>
          Reference for the operator: <code>{reference}</code>
        </p>
      )}
      <p>
        <a class="button" href={home}>To the start page</a>
      </p>
    </>
  );
}
