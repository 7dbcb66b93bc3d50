/**
 * Parts that many transcripts share.
 *
 * @module
 */
import { parseTranscripts, type Step } from "./transcript_format.ts";
import type { TranscriptFixture } from "./transcript_fixture.ts";

type Fixture = Pick<TranscriptFixture, "portKind" | "extensions" | "clock"> & {
  readonly client: TranscriptFixture["client"];
};

function steps(content: string): readonly Step[] {
  return parseTranscripts("transcript_parts.ts", `== part\n${content}`)[0]!.steps;
}

/** Returns the greeting, if it has not been read, and EHLO with its reply. */
export function helloSteps({ portKind, client }: Fixture): readonly Step[] {
  const secure = client.transport.secure;
  const greeting = client.unread.length === 0 ? "" : "S: 220 proxy.example ESMTP";
  const login = portKind === "starttls" && !secure
    ? "S+ 250 STARTTLS"
    : "S+ 250-AUTH PLAIN LOGIN\nS+ 250 AUTH=PLAIN LOGIN";
  return steps(`${greeting}
C: EHLO client.example
S: 250-proxy.example
S+ 250-PIPELINING
S+ 250-SIZE ...
S+ 250-8BITMIME
S+ 250-SMTPUTF8
S+ 250-DSN
S+ 250-CHUNKING
S+ 250-ENHANCEDSTATUSCODES
${login}`);
}

const UPGRADE = `C: STARTTLS
S: 220 2.0.0 Ready to start TLS
C* starttls
`;

/** Returns everything from the greeting to the 235, with STARTTLS if offered and the upstream's sign-in. */
export function loginSteps({ portKind }: Fixture): readonly Step[] {
  const upgrade = portKind === "starttls" ? `${UPGRADE}C* hello\n` : "";
  return steps(`C* hello
${upgrade}C: AUTH PLAIN {base64:\\0anna@example.com\\0secret}
U* sign-in
S: 235 2.7.0 Authentication successful`);
}

/** Returns the start of a connection to the upstream, up to the second EHLO. */
export function greetSteps({ extensions }: Fixture): readonly Step[] {
  const lines = extensions.map((extension, index) =>
    `U< 250${index === extensions.length - 1 ? " " : "-"}${extension}`
  );
  return steps(`U* connect
U< 220 upstream.example ESMTP
U> EHLO proxy.example
U< 250-upstream.example
U< 250 STARTTLS
U> STARTTLS
U< 220 2.0.0 Go ahead
U* starttls
U> EHLO proxy.example
U< 250-upstream.example
${lines.join("\n")}`);
}

/** Returns the start of a connection to the upstream, up to the end of the sign-in. */
export function signInSteps(fixture: Fixture, token: string): readonly Step[] {
  return [
    ...greetSteps(fixture),
    ...steps(`U> AUTH XOAUTH2 {base64:user=anna@example.com\\x01auth=Bearer ${token}\\x01\\x01}
U< 235 2.7.0 Authentication successful`),
  ];
}

/** A transaction up to its accepted recipient, over a warm connection. */
export const ENVELOPE = steps(`C: MAIL FROM:<anna@example.com>
S: 250 2.1.0 Sender OK
C: RCPT TO:<bob@example.org>
U> MAIL FROM:<anna@example.com>
U+ RCPT TO:<bob@example.org>
U< 250 2.1.0 Sender OK
U< 250 2.1.5 Recipient OK
S: 250 2.1.5 Recipient OK`);
