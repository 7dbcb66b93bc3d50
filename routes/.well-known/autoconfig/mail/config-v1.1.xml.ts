/** The other place where Thunderbird looks, in the web site of the domain itself. */
export { handler } from "../../../mail/config-v1.1.xml.ts";
