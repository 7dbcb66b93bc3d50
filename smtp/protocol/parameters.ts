/**
 * Parameters of MAIL and RCPT (RFC 5321 section 4.1.2, `Mail-parameters`).
 *
 * @module
 */
import { BAD_ARGUMENTS } from "./path.ts";
import { Reply } from "./reply.ts";
import { SmtpError } from "./failure.ts";

/** Upper-case keyword to value; a keyword without one has the empty string. */
export type Parameters = Readonly<Record<string, string | undefined>>;

const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\p{Cc} =]+))?$/u;

/** Keywords that have no value; all others need one. */
const FLAGS: ReadonlySet<string> = new Set(["SMTPUTF8"]);

/**
 * Parses `KEY=value KEY2 …`.
 *
 * @param known The keywords of this command.
 * @throws {SmtpError} 555 5.5.4 for an unknown keyword, 501 5.5.4 for a malformed or repeated one.
 */
export function parseParameters(text: string, known: readonly string[]): Parameters {
  const parameters: Record<string, string> = {};
  if (text === "") return parameters;
  for (const part of text.split(/ +/).filter((part) => part !== "")) {
    const [, keyword, value] = PARAMETER.exec(part) ?? [];
    if (keyword === undefined) throw new SmtpError(BAD_ARGUMENTS);
    const name = keyword.toUpperCase();
    if (!known.includes(name)) {
      throw new SmtpError(
        new Reply(555, "5.5.4", `Parameter ${name.slice(0, 40)} is not supported`),
      );
    }
    const repeated = Object.hasOwn(parameters, name);
    if (repeated || FLAGS.has(name) !== (value === undefined)) throw new SmtpError(BAD_ARGUMENTS);
    parameters[name] = value ?? "";
  }
  return parameters;
}
