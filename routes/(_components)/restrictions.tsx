import type { AppPassword } from "../../lib/store/mod.ts";

/** Fields that restrict the recipients and the number of messages of a new app password. */
export function RestrictionFields({ entered }: { entered?: URLSearchParams }) {
  const recipients = entered?.get("allowed-recipients") ?? "";
  const limit = entered?.get("daily-limit") ?? "";
  return (
    <details class="more" open={recipients !== "" || limit !== ""}>
      <summary>Limit recipients and number</summary>
      <label>
        Recipients it may write to
        <input
          name="allowed-recipients"
          value={recipients}
          placeholder="Anyone, or for example: example.com, anna@example.org"
          autocomplete="off"
          aria-describedby="allowed-recipients-help"
        />
      </label>
      <p class="fine-print" id="allowed-recipients-help">
        Addresses and domains, separated by commas. A scanner that writes to your own domain only is
        of no use to a thief.
      </p>
      <label>
        Messages within 24 hours
        <input
          name="daily-limit"
          type="number"
          min={1}
          max={1000000}
          value={limit}
          placeholder="Any number"
          aria-describedby="daily-limit-help"
        />
      </label>
      <p class="fine-print" id="daily-limit-help">
        A message to three people counts as three. Beyond the number, devices are told to try again
        later.
      </p>
    </details>
  );
}

/** Returns the restrictions that these fields ask for. */
export function restrictionsIn(form: URLSearchParams) {
  return {
    allowedRecipients: form.get("allowed-recipients") ?? undefined,
    dailyLimit: form.get("daily-limit") ?? undefined,
  };
}

/** The restrictions of an app password, in sentences; nothing if there are none. */
export function RestrictionsText(
  { password: { allowedRecipients, dailyLimit, clientAddresses } }: { password: AppPassword },
) {
  return (
    <>
      {allowedRecipients && (
        <>
          {" "}Only to <code>{allowedRecipients.replaceAll(" ", ", ")}</code>.
        </>
      )}
      {dailyLimit && ` At most ${dailyLimit} messages within 24 hours.`}
      {clientAddresses && (
        <>
          {" "}Without a login from <code>{clientAddresses.replaceAll(" ", ", ")}</code>.
        </>
      )}
    </>
  );
}
