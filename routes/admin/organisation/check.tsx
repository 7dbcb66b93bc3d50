import { page } from "fresh";
import type { MailboxProof } from "../../../lib/accounts/mod.ts";
import type { AccountRecord } from "../../../lib/store/mod.ts";
import { define, readForm, type State } from "../../../lib/web/mod.ts";
import { AdminNavigation } from "../(_components)/navigation.tsx";
import { BackLink } from "../../(_components)/back_link.tsx";
import { CheckAllForm, MailboxLinks, Proof } from "./(_components)/proof.tsx";

/** More than a large organisation has. */
const MAX_MAILBOXES = 1_000;
/** Mailboxes that are tried at the same time: a refusal can take some seconds. */
const WORKERS = 8;

/** The proof of one mailbox. */
type Proven = readonly [account: AccountRecord, proof: MailboxProof];

/** Proves all mailboxes by a sign-in upstream to each, and by a message to itself if that is wanted. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path("/admin/organisation"), 303),
  async POST(ctx) {
    ctx.state.title = "Check of all mailboxes – Admin";
    ctx.state.isWide = true;
    const isSent = (await readForm(ctx.req, ctx.state.services.clock)).has("send");
    return page({ isSent, proven: await proveAll(ctx.state, isSent) });
  },
});

async function proveAll({ services }: State, isSent: boolean): Promise<readonly Proven[]> {
  const { store, mailboxes } = services;
  const accounts = await store.accounts.list({ appOnly: true, limit: MAX_MAILBOXES });
  const proven: Proven[] = [];
  const rest = accounts.entries();
  const work = async () => {
    for (const [index, account] of rest) {
      proven[index] = [account, await mailboxes.prove(account, isSent ? "" : undefined)];
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return proven;
}

/** A result that several mailboxes share. */
interface ProvenGroup {
  readonly mailboxes: readonly AccountRecord[];
  /** Of the first of them, with the lines for all. */
  readonly proof: MailboxProof;
}

/** Puts those mailboxes together that need the same, so that it is told once. */
function grouped(proven: readonly Proven[]): readonly ProvenGroup[] {
  return [...Map.groupBy(proven, needsOf).values()].map((group) => ({
    mailboxes: group.map(([account]) => account),
    proof: { ...group[0]![1], commands: commandsFor(group.map(([, proof]) => proof)) },
  }));
}

/** The lines of one application alone may be put together: they set a variable for it. */
function needsOf([{ clientId }, { verdict, explanation, commands }]: Proven): string {
  const { title, cause, fixer, remedy } = explanation ?? {};
  return JSON.stringify([verdict, title, cause, fixer, remedy, commands && clientId]);
}

/** Returns the lines for all mailboxes of a group; those that do not name one stand there once. */
function commandsFor(proofs: readonly MailboxProof[]): MailboxProof["commands"] {
  const commands = proofs[0]?.commands;
  const lines = proofs.flatMap((proof) => proof.commands?.lines ?? []);
  return commands && { ...commands, lines: [...new Set(lines)] };
}

export default define.page<typeof handler>(({ data: { proven, isSent }, state: { site } }) => {
  const failed = proven.filter(([, { verdict }]) => verdict !== "good");
  const good = proven.filter(([, { verdict }]) => verdict === "good").map(([account]) => account);
  return (
    <>
      <BackLink href={site.path("/admin/organisation")}>Organisation</BackLink>
      <h1>Check of all mailboxes</h1>
      <AdminNavigation site={site} />
      <p role="status">{countText(good.length, proven.length, isSent)}</p>
      {grouped(failed).map(({ mailboxes, proof }, index) => (
        <Proof key={index} id={`proof-${index}`} {...{ proof, mailboxes, site }} />
      ))}
      {good.length > 0 && (
        <section class="card" aria-labelledby="good">
          <h2 id="good">These can send</h2>
          <MailboxLinks mailboxes={good} site={site} />
        </section>
      )}
      <CheckAllForm site={site} label="Check all again" isSent={isSent} />
    </>
  );
});

function countText(good: number, all: number, isSent: boolean): string {
  if (all === 0) return "There are no mailboxes yet.";
  if (good < all) return `${good} of ${all} can send. What is missing for the others:`;
  return isSent
    ? `All of ${all} can send: Microsoft has accepted a message of each.`
    : `Microsoft lets all of ${all} sign in. No message was sent: a missing right on a mailbox may show with a message only.`;
}
