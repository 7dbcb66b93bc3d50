/**
 * The parts of the program that all commands share, created from the configuration.
 *
 * @module
 */
import { AdminAccess, Audit, Invitations } from "../admin/mod.ts";
import { withinMs } from "../../smtp/mod.ts";
import { Accounts, Mailboxes } from "../accounts/mod.ts";
import { Alerts } from "../alerts/mod.ts";
import { systemClock, VERSION } from "../base/mod.ts";
import type { Config } from "../config/mod.ts";
import { getLogger } from "../log/mod.ts";
import { Microsoft } from "../microsoft/mod.ts";
import { RefusalWatch, ServiceHealth } from "../observers/mod.ts";
import { SignUpPolicy } from "../sign_in/mod.ts";
import { Secrets } from "../crypto/mod.ts";
import { Registrations } from "./registrations.ts";
import { checkSecretMark, Replicas } from "../replicas/mod.ts";
import { openStore, type Store, TokenVault, ValueVault } from "../store/mod.ts";
import { type RenewalOutcome, Tokens } from "../tokens/mod.ts";

/** The parts that all commands share. */
export interface Services {
  readonly config: Config;
  readonly store: Store;
  readonly secrets: Secrets;
  readonly accounts: Accounts;
  readonly mailboxes: Mailboxes;
  readonly alerts: Alerts;
  readonly adminAccess: AdminAccess;
  readonly audit: Audit;
  readonly invitations: Invitations;
  readonly microsoft: Microsoft;
  readonly registrations: Registrations;
  readonly signUpPolicy: SignUpPolicy;
  readonly vault: TokenVault;
  readonly values: ValueVault;
  readonly tokens: Tokens;
  /** Observes the SMTP server, if this process runs it. */
  readonly refusals: RefusalWatch;
  /** The state that this process shares with other replicas. Absent: the database is a file. */
  readonly replicas?: Replicas;
  /** Observes the SMTP server, too. */
  readonly health: ServiceHealth;
}

/** Options for the running server. */
interface ServiceOptions {
  /** Whether this is the server: it sends alerts to `ALERT_WEBHOOK_URL`. Other commands print what is wrong. */
  readonly webhook?: boolean;
  /** Called with the time that each statement to a database server took, in milliseconds. */
  readonly onQuery?: (durationMs: number) => void;
  /** Called at the end of each renewal of a token. */
  readonly onRenewal?: (outcome: RenewalOutcome) => void;
}

const log = getLogger("database");

/**
 * Opens the database and creates everything that works on it. Makes no connection yet.
 *
 * @throws {StoreError}
 * @throws {RuleFileError}
 */
export async function openServices(
  config: Config,
  { webhook = false, onRenewal, onQuery }: ServiceOptions = {},
): Promise<Services> {
  const clock = systemClock;
  const { publicUrl, target } = config;
  const signUpPolicy = new SignUpPolicy(config.registrationRules);
  const secrets = new Secrets(config.session.secrets.map((secret) => secret.reveal()));
  const webhookUrl = webhook ? config.alertWebhookUrl : undefined;
  const microsoft = openMicrosoft(config);
  const store = await openStore(config, { clock, onBatchError, onQuery });
  const replicas = await openReplicas(store, secrets, webhook);
  const alerts = new Alerts({ clock, fetch, webhookUrl, registry: replicas?.alerts });
  const vault = new TokenVault(store, secrets);
  const values = new ValueVault(store, secrets);
  const { loginNetworks } = config.smtp;
  const accounts = await Accounts.open({
    ...{ store, secrets, clock, signUpPolicy, publicUrl, target, loginNetworks },
  });
  const health = new ServiceHealth(clock.now);
  const tokens = new Tokens({
    store,
    vault,
    microsoft,
    alerts,
    clock,
    publicUrl,
    observe(outcome) {
      health.observeRenewal(outcome);
      onRenewal?.(outcome);
    },
    lease: replicas?.lease,
    // Other commands need to know what Microsoft says now.
    values: webhook ? values : undefined,
    valueLease: webhook ? replicas?.valueLease : undefined,
  });
  const { greetingName } = config.smtp;
  const mailboxes = new Mailboxes({
    ...{ store, microsoft, accounts, tokens, signUpPolicy, clock, greetingName },
  });
  return {
    ...{ config, store, secrets, accounts, mailboxes, alerts, microsoft, signUpPolicy },
    ...{ vault, values, tokens, replicas, health },
    refusals: new RefusalWatch(),
    adminAccess: new AdminAccess({
      ...{ store: store.adminGrants, secrets, clock },
      cookieName: config.session.cookieName,
    }),
    audit: new Audit(store.audit, clock),
    invitations: new Invitations(store.invitations, clock),
    registrations: new Registrations({ microsoft, secretEnds: store.secretEnds }),
  };
}

/** @param serving Whether this process is a replica, and not only a command. */
async function openReplicas(
  store: Store,
  secrets: Secrets,
  serving: boolean,
): Promise<Replicas | undefined> {
  const { shared: database } = store;
  if (!database) return undefined;
  const failureKey = secrets.failureKey();
  const machine = { host: machineName(), version: VERSION };
  const replicas = new Replicas({ database, clock: systemClock, ...machine, failureKey });
  try {
    await checkSecretMark(store, database, secrets);
    if (serving) await replicas.start();
    return replicas;
  } catch (error) {
    await store.close();
    throw error;
  }
}

function onBatchError(error: Error): void {
  log.error("database write failed, will be retried", { error: error.message });
}

/** Creates the client of the identity service. */
export function openMicrosoft({ microsoft, registrations, defaultClientId }: Config): Microsoft {
  return new Microsoft({
    authority: microsoft.authority,
    registrations,
    defaultClientId,
    clock: systemClock,
    fetch,
  });
}

/** Opens everything, does some work with it, and closes everything. @throws as {@linkcode openServices} and the work do. */
export async function useServices<Result>(
  config: Config,
  work: (services: Services) => Promise<Result>,
): Promise<Result> {
  const services = await openServices(config);
  try {
    return await work(services);
  } finally {
    await closeServices(services);
  }
}

/**
 * Ends the work in the background, writes what is pending, and closes the database.
 *
 * @param timeoutMs The longest wait for tokens that are being requested. Default: as long as their requests may take.
 */
export async function closeServices(
  { tokens, alerts, store, replicas }: Services,
  timeoutMs = Infinity,
): Promise<void> {
  const stored = tokens.stop();
  await (timeoutMs === Infinity ? stored : withinMs(systemClock, timeoutMs, stored));
  alerts.stop();
  await replicas?.stop();
  await store.close();
}

/** Returns the name of this machine for people, or the number of this process if permissions do not allow it. */
function machineName(): string {
  try {
    return Deno.hostname();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return `process ${Deno.pid}`;
    throw error;
  }
}
