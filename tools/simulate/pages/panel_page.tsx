/**
 * The panel: switches for what goes wrong, each with what it stands for in the real world.
 *
 * @module
 */
import type { Directory } from "../directory.ts";
import { fixedTenantId, PERSONAL_TENANT_ID } from "../people.ts";
import {
  type ActiveTrouble,
  type Scope,
  type TroubleId,
  type TroubleOptions,
  TROUBLES,
  type Troubles,
} from "../troubles/troubles.ts";
import { renderPage } from "./page.tsx";

/** A switch of the panel. */
export interface Switch {
  readonly id: TroubleId;
  /** Absent: the trouble's own name. */
  readonly label?: string;
  readonly options?: TroubleOptions;
  /** The only kind of account that has this trouble. */
  readonly only?: "personal" | "work";
}

/** The kinds of {@linkcode Scope}. */
export type ScopeKind = "mailbox" | "tenant" | "application" | "everyone";

/** The switches for one mailbox, an organisation, a registration, and for all. */
export const SWITCHES: Readonly<Record<ScopeKind, readonly Switch[]>> = {
  mailbox: [
    { id: "smtp-auth-off-mailbox", label: "SMTP AUTH off" },
    { id: "AADSTS50173", label: "Needs to sign in again" },
    { id: "AADSTS50076", label: "Needs a second factor", only: "work" },
    { id: "AADSTS50053", label: "Account locked" },
    { id: "AADSTS70000", label: "Account in abuse mode", only: "personal" },
    { id: "too-many-connections", label: "Throttled" },
    { id: "sender-not-allowed", only: "work" },
    { id: "sender-not-allowed-personal", label: "Sender not allowed", only: "personal" },
    { id: "account-blocked", only: "work" },
    { id: "outbound-spam", only: "personal" },
    { id: "submission-quota" },
    { id: "mailbox-full" },
    { id: "mailbox-logon", only: "work" },
  ],
  tenant: [
    { id: "smtp-auth-off-tenant", label: "SMTP AUTH off" },
    { id: "tenant-blocked", only: "work" },
    { id: "tenant-restricted", only: "work" },
    { id: "security-defaults", only: "work" },
    { id: "AADSTS53003", label: "Conditional Access blocks the sign-in", only: "work" },
    {
      id: "AADSTS90094",
      label: "An administrator has to approve",
      // Who has signed in before goes on sending.
      options: { stages: ["authorization"] },
      only: "work",
    },
    { id: "AADSTS65001", label: "Consent taken back" },
    { id: "AADSTS7000112", label: "Application disabled" },
    { id: "sender-not-allowed-at-mail", only: "work" },
  ],
  application: [
    { id: "AADSTS7000222", label: "Client secret ended" },
    { id: "AADSTS700016", label: "Registration deleted" },
    { id: "AADSTS7000112", label: "Application disabled" },
  ],
  everyone: [
    { id: "service-not-active", label: "Submission server out of service" },
    { id: "token-endpoint-unavailable" },
    { id: "token-endpoint-throttles" },
    { id: "token-endpoint-hangs" },
    { id: "AADSTS7000222", label: "Client secret ended" },
  ],
};

/** The value of the field that switches late refusals. */
export const LATE = "late-refusals";

/** Content of the panel. */
interface PanelState {
  readonly directory: Directory;
  readonly troubles: Troubles;
  /** The account or organisation at hand. */
  readonly scope: Scope;
  /** Whether refusals at AUTH come late. */
  readonly areRefusalsLate: boolean;
}

/** The options that a switch of the panel sets. */
export function switchOptions(scope: Scope, id: TroubleId): TroubleOptions {
  return SWITCHES[kindOf(scope)].find((one) => one.id === id)?.options ?? { atOnce: true };
}

/** Renders the panel for whoever is at hand. */
export function panelPage({ directory, troubles, scope, areRefusalsLate }: PanelState): string {
  const key = encodeScope(scope);
  const { list } = troubles;
  return renderPage({
    title: "What goes wrong",
    place: "/troubles",
    children: (
      <>
        <p>
          Microsoft refuses mail for many reasons. Here each can be switched on, to see what the
          product says then.
        </p>
        <Chooser directory={directory} current={key} />
        <h2>{titleOf(directory, scope)}</h2>
        <div class="table">
          <table class="switches">
            <tbody>
              {switchesFor(directory, scope).map((one) => (
                <SwitchRow
                  scope={key}
                  id={one.id}
                  label={one.label ?? TROUBLES[one.id].name}
                  meaning={TROUBLES[one.id].meaning}
                  isOn={troubles.has(scope, one.id)}
                />
              ))}
              {scope === "everyone" && (
                <SwitchRow
                  scope={key}
                  id={LATE}
                  label="Refusals come late"
                  meaning="Microsoft was seen to take five to seven seconds before it refuses a sign-in."
                  isOn={areRefusalsLate}
                />
              )}
            </tbody>
          </table>
        </div>
        <OtherTrouble scope={key} />
        {list.length > 0 && <ActiveList directory={directory} list={list} />}
      </>
    ),
  });
}

/** A scope as a text for a form or an address. */
export function encodeScope(scope: Scope): string {
  if (scope === "everyone") return scope;
  const [[kind, name]] = Object.entries(scope) as [[string, string]];
  return `${kind}:${name}`;
}

/** The reverse; `undefined`: the text names none. */
export function decodeScope(text: string): Scope | undefined {
  if (text === "everyone") return text;
  const [, kind, name] = /^(mailbox|tenant|application):(.+)$/.exec(text) ?? [];
  return kind ? { [kind]: name } as unknown as Scope : undefined;
}

/** The switches that fit the kind of account. */
function switchesFor(directory: Directory, scope: Scope): readonly Switch[] {
  const all = SWITCHES[kindOf(scope)];
  const tenantId = tenantOf(directory, scope);
  if (tenantId === undefined) return all;
  const isPersonal = tenantId === PERSONAL_TENANT_ID;
  return all.filter(({ only }) => only === undefined || (only === "personal") === isPersonal);
}

/** The tenant that a scope is in; `undefined`: in none alone. */
function tenantOf(directory: Directory, scope: Scope): string | undefined {
  if (scope === "everyone" || "application" in scope) return undefined;
  if ("tenant" in scope) return fixedTenantId(scope.tenant);
  return directory.findMailbox(scope.mailbox)?.tenantId;
}

function kindOf(scope: Scope): ScopeKind {
  return scope === "everyone" ? scope : Object.keys(scope)[0] as ScopeKind;
}

function titleOf(directory: Directory, scope: Scope): string {
  if (scope === "everyone") return "For everyone";
  if ("application" in scope) return `For the app registration ${scope.application}`;
  if ("mailbox" in scope) return `For ${scope.mailbox}`;
  const id = fixedTenantId(scope.tenant);
  if (id === PERSONAL_TENANT_ID) return "For all personal accounts";
  const organisation = directory.organisations.find(({ tenantId }) => tenantId === id);
  return `For the organisation ${organisation?.name ?? scope.tenant}`;
}

interface ChooserProps {
  readonly directory: Directory;
  readonly current: string;
}

function Chooser({ directory, current }: ChooserProps) {
  const mailboxes = directory.mailboxes.map(({ name, owner, address }) =>
    [name, encodeScope({ mailbox: owner?.signInName ?? address })] as const
  );
  const organisations = directory.organisations.map(({ name, tenantId }) =>
    [name, encodeScope({ tenant: tenantId })] as const
  );
  const personal = ["All personal accounts", encodeScope({ tenant: PERSONAL_TENANT_ID })] as const;
  return (
    <>
      <h2>Who</h2>
      <Choice label="People and mailboxes" choices={mailboxes} current={current} />
      <Choice
        label="Organisations"
        choices={[...organisations, personal, ["Everyone", "everyone"]]}
        current={current}
      />
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly choices: readonly (readonly [name: string, key: string])[];
  readonly current: string;
}

function Choice({ label, choices, current }: ChoiceProps) {
  return (
    <ul class="plain" aria-label={label}>
      {choices.map(([name, key]) => (
        <li>
          <a
            href={`/troubles?for=${encodeURIComponent(key)}`}
            aria-current={key === current ? "true" : undefined}
          >
            {name}
          </a>
        </li>
      ))}
    </ul>
  );
}

interface SwitchRowProps {
  readonly scope: string;
  readonly id: string;
  readonly label: string;
  readonly meaning: string;
  readonly isOn: boolean;
}

function SwitchRow({ scope, id, label, meaning, isOn }: SwitchRowProps) {
  return (
    <tr>
      <td>
        <strong>{label}</strong>
        <small>{meaning}</small>
      </td>
      <td class="number">{isOn && <span class="on">on</span>}</td>
      <td class="number">
        <form method="post" action="/troubles">
          <input type="hidden" name="for" value={scope} />
          <input type="hidden" name="trouble" value={id} />
          <button
            type="submit"
            name="switch"
            value={isOn ? "off" : "on"}
            aria-label={`Switch ${isOn ? "off" : "on"}: ${label}`}
          >
            Switch {isOn ? "off" : "on"}
          </button>
        </form>
      </td>
    </tr>
  );
}

function OtherTrouble({ scope }: { readonly scope: string }) {
  const groups = Map.groupBy(Object.entries(TROUBLES), ([, { service }]) => service);
  const label = ([id, { name, meaning }]: [string, { name: string; meaning: string }]) =>
    `${id === name ? id : `${name} (${id})`}: ${meaning}`;
  return (
    <>
      <h2>Any other trouble</h2>
      <form class="field" method="post" action="/troubles">
        <input type="hidden" name="for" value={scope} />
        <div>
          <label for="trouble">Trouble</label>
          <select id="trouble" name="trouble">
            {[...groups].map(([service, rows]) => (
              <optgroup label={service === "identity" ? "Sign-in service" : "Submission server"}>
                {rows.map((row) => <option key={row[0]} value={row[0]}>{label(row)}</option>)}
              </optgroup>
            ))}
          </select>
        </div>
        <button type="submit" name="switch" value="on">Switch on</button>
      </form>
    </>
  );
}

interface ActiveListProps {
  readonly directory: Directory;
  readonly list: readonly ActiveTrouble[];
}

function ActiveList({ directory, list }: ActiveListProps) {
  return (
    <>
      <h2>Switched on</h2>
      <ul>
        {list.map(({ scope, id }) => (
          <li>
            <a href={`/troubles?for=${encodeURIComponent(encodeScope(scope))}`}>
              {titleOf(directory, scope)}
            </a>
            : {TROUBLES[id].name === id ? "" : `${TROUBLES[id].name}, `}
            {id}
          </li>
        ))}
      </ul>
      <form method="post" action="/troubles">
        <button type="submit" name="switch" value="all-off">Switch everything off</button>
      </form>
    </>
  );
}
