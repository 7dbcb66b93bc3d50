import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { WebServices } from "../../lib/web/mod.ts";

/** How people reach the operator; the layout provides it to all parts of a page. */
export const Contact = createContext<WebServices["contact"]>(undefined);

/** A sentence with the operator's address, after a text that says to ask the operator. Nothing without `SITE_CONTACT`. */
export function OperatorContact() {
  const contact = useContext(Contact);
  if (!contact) return null;
  return (
    <>
      {" "}The operator: <a href={contact.href}>{contact.text}</a>.
    </>
  );
}
