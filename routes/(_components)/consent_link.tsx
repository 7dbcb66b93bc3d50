import { CodeBlock } from "./copyable.tsx";

/** The address at which an administrator consents for the organisation, to be sent to that person. */
export function ConsentLink({ url }: { url: string }) {
  return (
    <>
      <p>
        <strong>For your administrator:</strong>{" "}
        send them this address. When they open it, sign in and accept, they consent for the whole
        organisation.
      </p>
      <CodeBlock id="consent-link" caption="Address for your administrator" text={url} />
    </>
  );
}
