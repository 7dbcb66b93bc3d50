/**
 * The questions of `init`. An option answers a question in advance; after a mistake, the person at the terminal is asked again.
 *
 * @module
 */
import { hostWithin, isEmail, isPublicName } from "../../config/mod.ts";
import { type Call, CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { type Answers, CERTIFICATES, SENDERS } from "./env_file.ts";

/** The values of `--senders`. */
export const SENDER_NAMES = Object.keys(SENDERS) as Answers["senders"][];

/** A question. */
interface Question<Answer> {
  readonly option: string;
  readonly text: string;
  /**
   * Parses an answer. The text is empty if there is none.
   *
   * @throws {CommandError} with the fault and its remedy.
   */
  parse(text: string): Answer;
}

/** Asks the questions that no option has answered. @throws {CommandError} if an option is wrong, or there is no terminal. */
export function askAll(call: Call): Answers {
  const host = ask(HOST, call);
  return {
    host,
    senders: ask(oneOf("senders", "Who sends mail?", SENDER_NAMES), call),
    certificate: ask(certificateFor(host), call),
    email: ask(EMAIL, call),
    database: call.text("database"),
    appSecrets: ask(APP_SECRETS, call),
  };
}

function ask<Answer>({ option, text, parse }: Question<Answer>, call: Call): Answer {
  const given = call.text(option);
  if (given !== undefined) return parse(given.trim());
  for (;;) {
    const line = call.ask(text);
    if (line === undefined) return parse("");
    try {
      return parse(line.trim());
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      call.output.error(error.message);
    }
  }
}

const HOST: Question<string> = {
  option: "host",
  text: "Name that mail clients connect to:",
  parse(text) {
    if (text === "") throw usage("--host is missing. Give a name such as mail.example.com");
    const host = hostWithin(text);
    if (host !== undefined) return host;
    const meant = hostWithin(text, true);
    throw usage(
      meant === undefined
        ? `"${text}" is neither a host name nor an IP address. Give a name such as mail.example.com`
        : `"${text}" has a port. Leave it out: ${meant}`,
    );
  },
};

const EMAIL: Question<string | undefined> = {
  option: "email",
  text: "Your e-mail address, as administrator (Enter: none):",
  parse(text) {
    if (text === "" || isEmail(text)) return text || undefined;
    throw usage(`"${text}" is not an e-mail address (--email).`);
  },
};

/** The answer is secret: messages do not show it. */
const APP_SECRETS: Question<string | undefined> = {
  option: "app-secrets",
  text: "App registration as ID:secret (Enter: later):",
  parse(text) {
    const bare = text.replace(/^(["'])(.*)\1$/, "$2");
    if (bare === "" || /^[^\s:]+\s*:\s*\S+$/.test(bare)) return bare || undefined;
    throw usage(
      "An app registration is its application ID, a colon, and the value of its client secret, as in " +
        "application-id:secret (--app-secrets).",
    );
  },
};

/** Returns a question that is answered by one of some words, or by its beginning. The spelling "organization" is allowed. */
function oneOf<Word extends string>(
  option: string,
  question: string,
  words: readonly Word[],
): Question<Word> {
  const list = words.join(", ");
  return {
    option,
    text: `${question} (${list})`,
    parse(text) {
      if (text === "") throw usage(`--${option} is missing: ${list}`);
      const beginning = text.toLowerCase().replace("organiz", "organis");
      const [word, ...others] = words.filter((each) => each.startsWith(beginning));
      if (word !== undefined && others.length === 0) return word;
      throw usage(`"${text}" is not one of: ${list} (--${option}).`);
    },
  };
}

function certificateFor(host: string): Question<Answers["certificate"]> {
  const question = oneOf("certificate", "Where does the certificate come from?", CERTIFICATES);
  return {
    ...question,
    parse(text) {
      const certificate = question.parse(text);
      if (certificate !== "automatic" || isPublicName(host)) return certificate;
      throw usage(
        `Let's Encrypt has no certificates for ${host}, which is not a public name. Choose lan for one from an authority ` +
          "of your own, or start again with a public name (--host).",
      );
    },
  };
}

function usage(message: string): CommandError {
  return new CommandError(message, EXIT.usage);
}
