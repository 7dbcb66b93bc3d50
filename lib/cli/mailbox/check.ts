import type { MailboxProof } from "../../accounts/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { AccountRecord } from "../../store/mod.ts";
import { findMailboxes, MAILBOX_MEANING } from "../account/find.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import type { Output } from "../output.ts";
import { withDatabase } from "../services.ts";

/** `mailbox check`. */
export const mailboxCheckCommand: Command = {
  name: "mailbox check",
  summary: "sign in upstream as each mailbox, and say what is missing",
  parameters: ["[MAILBOX...]"],
  options: {
    send: { meaning: "send a message as well, from each mailbox to itself" },
  },
  details: `${MAILBOX_MEANING} Without any, all are checked.\n` +
    "A sign-in proves the app registration, its consent and SMTP AUTH. Whether it has the right on the mailbox may show with\n" +
    "a message only: use --send. Exit code 0: all are good; 1: at least one is not, or could not be tried.",
  run: withDatabase(check),
};

async function check(call: Call, services: Services): Promise<number> {
  const { output, parameters, dialer } = call;
  const { store, mailboxes } = services;
  const proofs: (readonly [AccountRecord, MailboxProof])[] = [];
  // One after the other: Microsoft allows few connections at a time, and the answers stay in order.
  for (const record of await findMailboxes(store, parameters)) {
    const recipient = call.flag("send") ? record.email : undefined;
    const proof = await mailboxes.prove(record, { dialer, recipient });
    proofs.push([record, proof]);
    print(record, proof, output);
  }
  output.show(proofs.map(([record, proof]) => proofJson(record, proof)), () => {
    if (proofs.length === 0) output.line("No mailboxes.");
  });
  return proofs.every(([, { verdict }]) => verdict === "good") ? EXIT.ok : EXIT.failed;
}

function proofJson({ id, email }: AccountRecord, proof: MailboxProof) {
  const { verdict, reply, sent, explanation = null, commands = null } = proof;
  const said = reply === undefined ? null : String(reply);
  return { id, email, verdict, sent, reply: said, explanation, commands };
}

const WORDS = {
  good: ["good", "good"],
  bad: ["bad", "bad"],
  open: ["warning", "not proven"],
} as const;

function print({ email }: AccountRecord, proof: MailboxProof, output: Output): void {
  const { verdict, reply, sent, explanation, commands } = proof;
  const [tone, word] = WORDS[verdict];
  const done = verdict === "good" ? sent ? ": signed in, message accepted" : ": signed in" : "";
  output.line(`${output.paint(tone, word)}  ${email}${done}`);
  if (!explanation) return;
  const { title, code, cause, remedy } = explanation;
  const lines = [
    `${title} (${code}).`,
    cause,
    ...(reply ? [`Microsoft said: ${reply}`] : []),
    remedy,
    ...(commands
      ? ["", `${commands.shell}:`, ...commands.lines.map((line) => `  ${line}`), ""]
      : []),
  ];
  for (const line of lines) output.line(line === "" ? "" : `    ${line}`);
}
