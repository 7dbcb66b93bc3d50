import { explainReason } from "../../explain/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { Delivery } from "../../store/mod.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import type { Output } from "../output.ts";
import { withDatabase } from "../with_services.ts";
import {
  accountJson,
  appPasswordJson,
  formatTime,
  jsonTime,
  kindOf,
  paintState,
  printAppPasswords,
} from "./describe.ts";
import { ACCOUNT, ACCOUNT_MEANING, findAccount } from "./find.ts";

const SHOWN_DELIVERIES = 10;

export const accountShowCommand: Command = {
  name: "account show",
  summary: "show one account with its app passwords and its last deliveries",
  parameters: [ACCOUNT],
  details: ACCOUNT_MEANING,
  run: (call) => withDatabase(call.config(), (services) => show(call, services)),
};

async function show({ parameters: [wanted = ""], output }: Call, services: Services) {
  const { store, accounts, microsoft } = services;
  const account = await findAccount(store, wanted);
  const appPasswords = await store.appPasswords.list(account.id);
  const deliveries = await store.deliveries.list({
    accountId: account.id,
    limit: SHOWN_DELIVERIES,
  });
  const target = accounts.target(account);
  const needsSignIn = account.state === "sign-in-required";
  const explanation = needsSignIn ? explainReason(account.stateReason) : undefined;
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
      ["Name", account.displayName || undefined],
      ["Short name", account.shortName],
      ["Id", account.id],
      ["State", paintState(account, output)],
      ["  because", explanation && `${explanation.title} (${explanation.code})`],
      ["  remedy", explanation?.remedy],
      ["Kind", kindOf(account)],
      ["Tenant", account.tenantId],
      ["Registration", `${account.clientId}${hasRegistration ? "" : " (not in APP_SECRETS!)"}`],
      ["Sends by", `${target.host}:${target.port}`],
      ["Signed in", formatTime(account.signedInAtMs)],
      ["Renewed", formatTime(account.refreshedAtMs)],
    ]);
    output.line();
    if (appPasswords.length === 0) output.line("No app passwords.");
    else printAppPasswords(appPasswords, output);
    output.line();
    if (deliveries.length === 0) output.line("No deliveries are on record.");
    else printDeliveries(deliveries, output);
  });
  return EXIT.ok;
}

function deliveryJson(delivery: Delivery) {
  const { atMs, clientAddress, sender, recipientCount, sizeOctets, reply, queueId, outcome } =
    delivery;
  return {
    at: jsonTime(atMs),
    outcome,
    clientAddress,
    sender,
    recipientCount,
    sizeOctets,
    reply,
    queueId,
  };
}

function printDeliveries(deliveries: readonly Delivery[], output: Output): void {
  output.table(
    ["DELIVERED", "OUTCOME", "SENDER", "RECIPIENTS", "OCTETS", "REPLY"],
    deliveries.map((delivery) => [
      formatTime(delivery.atMs),
      output.paint(delivery.outcome === "accepted" ? "good" : "bad", delivery.outcome),
      delivery.sender || "<>",
      `${delivery.recipientCount}`,
      `${delivery.sizeOctets}`,
      delivery.reply ?? "",
    ]),
  );
}
