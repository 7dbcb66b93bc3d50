import type { Services } from "../../program/mod.ts";
import { type Call, type Command, CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { withDatabase } from "../with_services.ts";
import { ACCOUNT, ACCOUNT_MEANING, findAccount } from "./find.ts";

export const accountRemoveCommand: Command = {
  name: "account remove",
  summary: "delete an account with its tokens, app passwords and records",
  parameters: [ACCOUNT],
  options: { yes: { meaning: "do not ask" } },
  details: `${ACCOUNT_MEANING}\nA running server cuts the account's sessions within a second.`,
  run: (call) => withDatabase(call.config(), (services) => remove(call, services)),
};

async function remove(call: Call, { store, accounts }: Services): Promise<number> {
  const { parameters: [wanted = ""], output } = call;
  const { id, email } = await findAccount(store, wanted);
  if (
    !call.flag("yes") && !call.confirm(`Delete the account ${email} and all that belongs to it?`)
  ) {
    throw new CommandError("Nothing was deleted. To delete without a question: --yes", EXIT.usage);
  }
  await accounts.delete(id);
  output.show({ id, email, removed: true }, () => output.line(`Deleted: ${email}`));
  return EXIT.ok;
}
