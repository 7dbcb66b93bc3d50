import { CopyableBlock } from "./copyable.tsx";

/** The address at which an administrator consents for the organisation, to be sent to that person. */
export function ConsentLink({ url }: { url: string }) {
  return (
    <>
      <p>
        <strong>For your administrator:</strong>{" "}
        send this address. Who opens it, signs in and accepts has consented for the whole
        organisation.
      </p>
      <CopyableBlock id="consent-link" label="address for your administrator">{url}</CopyableBlock>
    </>
  );
}
