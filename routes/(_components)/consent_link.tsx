import { CodeBlock } from "../../islands/copy_button.tsx";

/** The address at which an administrator consents for the organisation, to be sent to that person. */
export function ConsentLink({ url }: { url: string }) {
  return (
    <>
      <p>
        <strong>For your administrator:</strong>{" "}
        send them this address. Whoever opens it, signs in and accepts consents for the whole
        organisation.
      </p>
      <CodeBlock id="consent-link" caption="Address for your administrator" text={url} />
    </>
  );
}
