/**
 * Switches for everything that can go wrong at the simulated Microsoft.
 *
 * @module
 */
import type { Directory } from "../directory.ts";
import { fixedTenantId } from "../people.ts";
import {
  IDENTITY_TROUBLES,
  type IdentityTrouble,
  type IdentityTroubleId,
} from "./identity_troubles.ts";
import type { IdentityStage, Stage, SubmissionStage } from "./stages.ts";
import {
  SUBMISSION_TROUBLES,
  type SubmissionTrouble,
  type SubmissionTroubleId,
} from "./submission_troubles.ts";

/** Names a trouble. */
export type TroubleId = SubmissionTroubleId | IdentityTroubleId;

/** A trouble of either service. */
export type Trouble = SubmissionTrouble | IdentityTrouble;

/** Every trouble by its id: when it shows, what is answered, and what it stands for. */
export const TROUBLES: Readonly<Record<TroubleId, Trouble>> = {
  ...SUBMISSION_TROUBLES,
  ...IDENTITY_TROUBLES,
};

/** The accounts that have a trouble. */
export type Scope =
  /** One account or shared mailbox, by any of its names. */
  | { readonly mailbox: string }
  /** One app registration, by its client id. */
  | { readonly application: string }
  /** One organisation, by its id or a domain; `consumers`: all personal accounts. */
  | { readonly tenant: string }
  | "everyone";

/** How a trouble shows, where that differs from its row in {@linkcode TROUBLES}. */
export interface TroubleOptions {
  /** When it shows. */
  readonly stages?: readonly Stage[];
  /** How late it shows. */
  readonly delayMs?: number;
  /** How often it shows until it is over. Default: without end. */
  readonly times?: number;
  /** At authorization: whether the person sees it on Microsoft's page, and the application nothing. */
  readonly onPage?: boolean;
  /**
   * Whether idle sessions of the scope end now and, for a trouble of the identity service, access tokens: the trouble shows
   * at once, and not when what has been granted is used up.
   */
  readonly atOnce?: boolean;
}

/** A trouble that somebody has. */
export interface ActiveTrouble extends Required<Pick<TroubleOptions, "stages" | "delayMs">> {
  readonly scope: Scope;
  readonly id: TroubleId;
  readonly onPage: boolean;
  /** How often it will still show; absent: without end. */
  readonly timesLeft?: number;
  /** Object ids of people, and tenant ids, for whom it is over. */
  readonly healedFor: Set<string>;
}

/** The account and the registration that a request is about, as far as is known. */
export interface Subject {
  /** Object id of the person or of the shared mailbox. */
  readonly objectId?: string;
  readonly tenantId?: string;
  readonly applicationId?: string;
  /** Whether the sender is none of the mailbox's own, and none that it may send as. */
  readonly hasForeignSender?: boolean;
}

/** A trouble that shows now. */
interface Met<Kind> {
  readonly trouble: Kind;
  readonly delayMs: number;
  readonly onPage: boolean;
}

/** The troubles of the moment. */
export class Troubles {
  readonly #directory: Directory;
  /** By scope, the narrowest first when they are looked up. */
  readonly #active = new Map<string, ActiveTrouble[]>();
  readonly #whenAtOnce: ((scope: Scope, trouble: Trouble) => void)[] = [];

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** The troubles that are switched on, in no particular order. */
  get list(): readonly ActiveTrouble[] {
    return [...this.#active.values()].flat();
  }

  /** Switches a trouble on; one of the same id and scope is replaced. An unknown mailbox name makes a new person. */
  set(scope: Scope, id: TroubleId, options: TroubleOptions = {}): void {
    const { stages, onPage } = TROUBLES[id] as IdentityTrouble;
    this.clear(scope, id);
    const active: ActiveTrouble = {
      scope,
      id,
      stages: options.stages ?? (isSubmission(id) ? stages.slice(0, 1) : stages),
      delayMs: options.delayMs ?? 0,
      onPage: options.onPage ?? onPage ?? false,
      timesLeft: options.times,
      healedFor: new Set(),
    };
    const key = this.#key(scope);
    this.#active.set(key, [...this.#active.get(key) ?? [], active]);
    if (!options.atOnce) return;
    for (const listener of this.#whenAtOnce) listener(scope, TROUBLES[id]);
  }

  /** Calls somebody when a trouble has to show at once. */
  whenAtOnce(listener: (scope: Scope, trouble: Trouble) => void): void {
    this.#whenAtOnce.push(listener);
  }

  /** Switches off one trouble of a scope, all of a scope, or all there are. */
  clear(scope?: Scope, id?: TroubleId): void {
    if (scope === undefined) return this.#active.clear();
    const key = this.#key(scope);
    const rest = (this.#active.get(key) ?? []).filter((one) => id !== undefined && one.id !== id);
    this.#active.set(key, rest);
  }

  /** Whether a trouble is switched on for exactly this scope. */
  has(scope: Scope, id: TroubleId): boolean {
    return (this.#active.get(this.#key(scope)) ?? []).some((one) => one.id === id);
  }

  /** The trouble that shows at a step of a submission, the narrowest scope first; its showing is counted. */
  meet(stage: SubmissionStage, subject: Subject): Met<SubmissionTrouble> | undefined;
  /** The same for a step of the identity service. */
  meet(stage: IdentityStage, subject: Subject): Met<IdentityTrouble> | undefined;
  meet(stage: Stage, subject: Subject): Met<Trouble> | undefined {
    for (const key of keysOf(subject)) {
      const found = this.#active.get(key)?.find((one) => isMet(one, stage, subject));
      if (!found) continue;
      this.#count(key, found);
      return { trouble: TROUBLES[found.id], delayMs: found.delayMs, onPage: found.onPage };
    }
    return undefined;
  }

  /**
   * Ends what a person's new sign-in, or an administrator's consent, heals: for the person, or for the organisation. Others
   * keep their troubles.
   */
  heal(event: "sign-in" | "admin-consent", { objectId, tenantId, applicationId }: Subject): void {
    const healed = event === "sign-in" ? objectId : tenantId;
    if (healed === undefined) return;
    for (const [key, list] of this.#active) {
      for (const { id, scope, healedFor } of list) {
        const application = applicationIn(scope);
        const isMeant = application === undefined || application === applicationId;
        const { healedBy } = TROUBLES[id] as IdentityTrouble;
        if (isMeant && healedBy === event) healedFor.add(healed);
      }
      this.#active.set(key, list.filter((one) => !this.#isOver(one)));
    }
  }

  /** Whether a person or an application is within a scope. */
  includes(scope: Scope, subject: Subject): boolean {
    return keysOf(subject).includes(this.#key(scope));
  }

  /** Whether a trouble is over for all who had it. */
  #isOver({ scope, healedFor }: ActiveTrouble): boolean {
    if (typeof scope !== "object" || "application" in scope) return false;
    if ("tenant" in scope) return healedFor.has(fixedTenantId(scope.tenant) ?? "");
    const { objectId = "", tenantId = "" } = this.#directory.findMailbox(scope.mailbox) ?? {};
    return healedFor.has(objectId) || healedFor.has(tenantId);
  }

  #count(key: string, found: ActiveTrouble): void {
    if (found.timesLeft === undefined) return;
    const rest = this.#active.get(key)!.flatMap((one) => {
      if (one !== found) return [one];
      return found.timesLeft! > 1 ? [{ ...one, timesLeft: found.timesLeft! - 1 }] : [];
    });
    this.#active.set(key, rest);
  }

  #key(scope: Scope): string {
    if (scope === "everyone") return scope;
    if ("application" in scope) return `application ${scope.application.toLowerCase()}`;
    if ("tenant" in scope) return `tenant ${fixedTenantId(scope.tenant)}`;
    const mailbox = this.#directory.findMailbox(scope.mailbox) ??
      this.#directory.findOrCreatePerson(scope.mailbox);
    return `mailbox ${mailbox.objectId}`;
  }
}

function applicationIn(scope: Scope): string | undefined {
  return typeof scope === "object" && "application" in scope ? scope.application : undefined;
}

/** The keys of all scopes that a subject is in, the narrowest first. */
function keysOf({ objectId, applicationId, tenantId }: Subject): readonly string[] {
  return [
    ...(objectId ? [`mailbox ${objectId}`] : []),
    ...(applicationId ? [`application ${applicationId.toLowerCase()}`] : []),
    ...(tenantId ? [`tenant ${tenantId}`] : []),
    "everyone",
  ];
}

function isMet(active: ActiveTrouble, stage: Stage, subject: Subject): boolean {
  const { id, stages, healedFor } = active;
  const { foreignSendersOnly } = TROUBLES[id] as SubmissionTrouble;
  const isOver = [subject.objectId, subject.tenantId].some((one) => one && healedFor.has(one));
  return stages.includes(stage) && !isOver &&
    (!foreignSendersOnly || subject.hasForeignSender === true);
}

function isSubmission(id: TroubleId): id is SubmissionTroubleId {
  return TROUBLES[id].service === "submission";
}

/** Whether a text names a trouble. */
export function isTroubleId(text: string): text is TroubleId {
  return Object.hasOwn(TROUBLES, text);
}
