import type { Dialer } from "../../../smtp/mod.ts";
import { PROGRAM } from "../../base/mod.ts";
import type { Config } from "../../config/mod.ts";
import { type Services, useServices } from "../../program/mod.ts";
import type { AccountRecord } from "../../store/mod.ts";
import { hasDatabase } from "../services.ts";
import { type Check, failure, type Finding, ok, warning } from "./finding.ts";

/** The number of mailboxes that are tried, all at the same time: a refusal can take some seconds. */
const MAILBOX_LIMIT = 8;

/** Returns the check of app-only mailboxes, by a sign-in to each. */
export function mailboxCheck(config: Config, dialer: Dialer): Check {
  return {
    name: "app-only mailboxes",
    run: async () =>
      await hasDatabase(config)
        ? await useServices(config, (services) => findings(services, dialer))
        : [],
  };
}

async function findings({ store, mailboxes }: Services, dialer: Dialer): Promise<Finding[]> {
  const conditions = { appOnly: true };
  const tried = await store.accounts.list({ ...conditions, limit: MAILBOX_LIMIT });
  const found = await Promise.all(tried.map((record) => findingOf(record, mailboxes, dialer)));
  const rest = await store.accounts.count(conditions) - tried.length;
  if (rest > 0) found.push(ok(`${rest} more: "${PROGRAM} mailbox check" signs in to all`));
  return found;
}

async function findingOf(
  record: AccountRecord,
  mailboxes: Services["mailboxes"],
  dialer: Dialer,
): Promise<Finding> {
  const { verdict, explanation } = await mailboxes.prove(record, { dialer });
  if (!explanation) return ok(`the app registration can sign in as ${record.email}`);
  const { title, code, cause } = explanation;
  const text = `${record.email}: ${title} (${code}). ${cause.replace(/\.$/, "")}`;
  const remedy = `"${PROGRAM} mailbox check ${record.email}" prints what an administrator pastes.`;
  return verdict === "bad" ? failure(text, remedy) : warning(text, explanation.remedy);
}
