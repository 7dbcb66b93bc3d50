import { COMMAND_LINE } from "../../admin/mod.ts";
import { explainState } from "../../accounts/mod.ts";
import { accountKind } from "../../microsoft/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { Delivery } from "../../store/mod.ts";
import { type Call, type Command, CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import type { Output } from "../output.ts";
import { withDatabase } from "../services.ts";
import {
  accountJson,
  appPasswordJson,
  formatTime,
  jsonTime,
  paintState,
  printAppPasswords,
} from "./describe.ts";
import { ACCOUNT, ACCOUNT_MEANING, findAccount } from "./find.ts";

const SHOWN_DELIVERIES = 10;

/** `account show`. */
export const accountShowCommand: Command = {
  name: "account show",
  summary: "show an account with its app passwords and its last deliveries",
  parameters: [ACCOUNT],
  details: ACCOUNT_MEANING,
  run: withDatabase((call, services) => showAccount(call, services)),
};

/** `account remove`. */
export const accountRemoveCommand: Command = {
  name: "account remove",
  summary: "delete an account with its tokens, app passwords and records",
  parameters: [ACCOUNT],
  options: { yes: { meaning: "do not ask for confirmation" } },
  details: `${ACCOUNT_MEANING}\nA running server ends the account's sessions within a second.`,
  run: withDatabase((call, services) => removeAccount(call, services)),
};

/** Shows an account. @param appOnly See {@linkcode findAccount}. */
export async function showAccount(
  { parameters: [wanted = ""], output }: Call,
  services: Services,
  appOnly?: boolean,
): Promise<number> {
  const { store, accounts, microsoft } = services;
  const account = await findAccount(store, wanted, appOnly);
  const appPasswords = await store.appPasswords.list(account.id);
  const deliveries = await store.deliveries.list({
    accountId: account.id,
    limit: SHOWN_DELIVERIES,
  });
  const target = accounts.target(account);
  const explanation = explainState(account);
  const hasRegistration = microsoft.hasRegistration(account.clientId);
  output.show({
    ...accountJson(account, appPasswords),
    registrationConfigured: hasRegistration,
    target,
    explanation: explanation ?? null,
    appPasswords: appPasswords.map(appPasswordJson),
    deliveries: deliveries.map(deliveryJson),
  }, () => {
    output.facts([
      ["Address", account.email],
      ["Sign-in name", account.signInName],
      ["Name", account.displayName || undefined],
      ["Short name", account.shortName],
      ["ID", account.id],
      ["State", paintState(account, output)],
      ["  Reason", explanation && `${explanation.title} (${explanation.code})`],
      ["  Microsoft says", explanation?.detail],
      ["  Remedy", explanation?.remedy],
      ["Kind", accountKind(account)],
      ["Tenant", account.tenantId],
      ["Registration", `${account.clientId}${hasRegistration ? "" : " (not in APP_SECRETS!)"}`],
      ["Sends via", `${target.host}:${target.port}`],
      [account.appOnly ? "Added" : "Signed in", formatTime(account.signedInAtMs)],
      ["Renewed", account.appOnly ? undefined : formatTime(account.refreshedAtMs)],
    ]);
    output.line();
    printAppPasswords(appPasswords, output);
    output.line();
    printDeliveries(deliveries, output);
  });
  return EXIT.ok;
}

/** Returns a delivery for JSON. */
function deliveryJson(delivery: Delivery) {
  const { clientAddress, sender, recipientCount, sizeOctets, reply, queueId, outcome } = delivery;
  const { stage, attempts } = delivery;
  const facts = { stage, outcome, attempts, clientAddress, sender, recipientCount, sizeOctets };
  const { originalSender = null, originalFrom = null } = delivery;
  return {
    at: jsonTime(delivery.atMs),
    ...facts,
    originalSender,
    originalFrom,
    reply: reply ?? null,
    queueId: queueId ?? null,
  };
}

function printDeliveries(deliveries: readonly Delivery[], output: Output): void {
  if (deliveries.length === 0) return output.line("No deliveries on record.");
  output.table(
    ["DELIVERED", "OUTCOME", "SENDER", "RECIPIENTS", "BYTES", "REPLY"],
    deliveries.map((delivery) => [
      formatTime(delivery.atMs),
      output.paint(delivery.outcome === "accepted" ? "good" : "bad", delivery.outcome),
      delivery.stage === "auth" ? `(login, ${delivery.attempts} ×)` : delivery.sender || "<>",
      `${delivery.recipientCount}`,
      `${delivery.sizeOctets}`,
      delivery.reply ?? "",
    ]),
  );
}

/** Deletes an account after a confirmation. @param appOnly See {@linkcode findAccount}. */
export async function removeAccount(
  call: Call,
  { store, accounts, audit }: Services,
  appOnly?: boolean,
): Promise<number> {
  const { parameters: [wanted = ""], output } = call;
  const { id, email, appOnly: isMailbox } = await findAccount(store, wanted, appOnly);
  const what = isMailbox ? "mailbox" : "account";
  if (!call.flag("yes") && !call.confirm(`Delete the ${what} ${email} and everything in it?`)) {
    throw new CommandError(
      "Nothing was deleted. To delete without a prompt, use --yes",
      EXIT.usage,
    );
  }
  await accounts.delete(id);
  await audit.record(COMMAND_LINE, `deleted ${isMailbox ? "a mailbox" : "an account"}`, email);
  output.show({ id, email, removed: true }, () => output.line(`Deleted: ${email}`));
  return EXIT.ok;
}
