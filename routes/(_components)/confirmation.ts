import { type Context, HttpError } from "fresh";
import { readForm, type State } from "../../lib/web/mod.ts";

/** Makes sure that a form was sent from below its question. @throws {HttpError} 400 */
export async function readConfirmation({ req, state }: Context<State>): Promise<void> {
  const form = await readForm(req, state.services.clock);
  if (form.get("confirm") !== "yes") {
    throw new HttpError(400, "This needs to be confirmed. Go back and use the button on the page.");
  }
}
