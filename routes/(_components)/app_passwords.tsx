import type { ComponentChildren } from "preact";
import { type Context, HttpError } from "fresh";
import LocalTime from "../../islands/local_time.tsx";
import QuestionButton, { type Question } from "../../islands/question.tsx";
import { subjectOf } from "../../lib/admin/mod.ts";
import type { AccountRecord, AppPassword } from "../../lib/store/mod.ts";
import type { State } from "../../lib/web/mod.ts";
import { questionRoute } from "./question_page.tsx";
import { RestrictionsText } from "./restrictions.tsx";
import { UtcTime } from "./utc_time.tsx";

/** An app password that an address names, for its owner or for an operator. */
export interface NamedPassword {
  readonly account: AccountRecord;
  readonly password: AppPassword;
  /** Path above those of what can be done to it. */
  readonly path: string;
  /** Path of the page that lists it. */
  readonly home: string;
}

/** Finds the app password of an account. @throws {HttpError} 404 if the account has no such one. */
export async function passwordOf(
  { services: { store } }: State,
  account: AccountRecord,
  id: string | undefined,
): Promise<AppPassword> {
  const found = (await store.appPasswords.list(account.id)).find((one) => one.id === id);
  return found ?? refuseGone();
}

/** @throws {HttpError} 404 */
export function refuseGone(): never {
  throw new HttpError(404, "There is no such app password. It may have been revoked.");
}

/** Revokes an app password; connections that were opened with it are cut. @param find Finds what the address names. */
export function revokeRoute(find: (ctx: Context<State>) => Promise<NamedPassword>) {
  return questionRoute({
    find,
    question: (site, { path, password }) => revokeQuestion(site.path(path), password),
    home: ({ home }) => home,
    async act({ state: { services } }, { account, password }) {
      if (!await services.accounts.revokeAppPassword(account.id, password.id)) refuseGone();
      return {
        action: "revoked an app password",
        subject: subjectOf(account, password),
        text: `“${password.name}” is revoked. Whatever used it cannot send any more.`,
      };
    },
  });
}

/** Asks before an app password is revoked. @param path As for {@linkcode renameQuestion}. */
export function revokeQuestion(path: string, { name }: AppPassword): Question {
  return {
    action: `${path}/revoke`,
    label: "Revoke",
    title: `Revoke “${name}”?`,
    text: "The device or program that uses it can no longer send. This cannot be undone.",
    confirm: `Revoke “${name}”`,
    isDangerous: true,
  };
}

/** Asks for the new name of an app password. @param path Above those of what can be done to it, as browsers see it. */
export function renameQuestion(path: string, { name }: AppPassword): Question {
  return {
    action: `${path}/rename`,
    label: "Rename",
    title: `Rename “${name}”`,
    confirm: "Rename",
    field: { name: "name", label: "New name", value: name, maxLength: 64 },
  };
}

interface CardProps {
  /** Unique on its page. */
  readonly id: string;
  readonly name: string;
  /** Sentences. */
  readonly facts: ComponentChildren;
  /** Buttons, which refer to the element `name-<id>`. */
  readonly children: ComponentChildren;
}

/** One of several things with names: facts about it, and what can be done to it. */
export function NamedCard({ id, name, facts, children }: CardProps) {
  return (
    <li>
      <div class="password-head">
        <strong id={`name-${id}`}>{name}</strong>
        <p class="fine-print">{facts}</p>
      </div>
      <div class="actions">{children}</div>
    </li>
  );
}

interface PasswordCardsProps {
  readonly passwords: readonly AppPassword[];
  /** Returns the path above those of what can be done to one, as browsers see it. */
  pathOf(password: AppPassword): string;
  /** Whether an operator sees them: without names to change, and with times in UTC. */
  readonly isForOperator?: boolean;
}

/** App passwords, each with its use, its rules and what can be done to it. */
export function PasswordCards({ passwords, pathOf, isForOperator = false }: PasswordCardsProps) {
  return (
    <ul class="cards">
      {passwords.map((password) => {
        const { id, name } = password;
        const path = pathOf(password);
        const describedBy = `name-${id}`;
        const facts = <PasswordFacts password={password} isForOperator={isForOperator} />;
        return (
          <NamedCard key={id} id={id} name={name} facts={facts}>
            <a
              class="button small quiet"
              href={`${path}/rules`}
              aria-describedby={describedBy}
            >
              Rules
            </a>
            {!isForOperator && (
              <QuestionButton question={renameQuestion(path, password)} describedBy={describedBy} />
            )}
            <QuestionButton question={revokeQuestion(path, password)} describedBy={describedBy} />
          </NamedCard>
        );
      })}
    </ul>
  );
}

interface FactsProps extends Pick<PasswordCardsProps, "isForOperator"> {
  readonly password: AppPassword;
}

/** Sentences about an app password: its use, its beginning, its rules. */
export function PasswordFacts({ password, isForOperator }: FactsProps) {
  const { createdAtMs, lastUsedAtMs, lastUsedAddress, allowedSender, forcedSender } = password;
  const Time = isForOperator ? UtcTime : LocalTime;
  return (
    <>
      {lastUsedAtMs === undefined ? "Not used yet." : (
        <>
          Last used <Time ms={lastUsedAtMs} /> from {lastUsedAddress}.
        </>
      )} Created <Time ms={createdAtMs} />.
      {forcedSender && " Always sends as the mailbox."}
      {!forcedSender && allowedSender !== undefined && (
        <>
          {" "}Only for the sender <code>{allowedSender}</code>.
        </>
      )}
      <RestrictionsText password={password} />
    </>
  );
}
