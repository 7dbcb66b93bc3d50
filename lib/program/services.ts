/**
 * The parts of the program that its commands share, made from the configuration.
 *
 * @module
 */
import { Accounts } from "../accounts/mod.ts";
import { Alerts } from "../alerts/mod.ts";
import { systemClock } from "../base/mod.ts";
import type { Config } from "../config/mod.ts";
import { getLogger } from "../log/mod.ts";
import { Microsoft } from "../microsoft/mod.ts";
import { Registration } from "../sign_in/mod.ts";
import { Secrets } from "../crypto/mod.ts";
import { SqliteStore, TokenVault } from "../store/mod.ts";
import { type RenewalOutcome, Tokens } from "../tokens/mod.ts";

/** What the commands share. */
export interface Services {
  readonly config: Config;
  readonly store: SqliteStore;
  readonly secrets: Secrets;
  readonly accounts: Accounts;
  readonly alerts: Alerts;
  readonly microsoft: Microsoft;
  readonly registration: Registration;
  readonly vault: TokenVault;
  readonly tokens: Tokens;
}

/** What only the server wants. */
export interface ServiceOptions {
  /** Whether alerts go to `ALERT_WEBHOOK_URL`; a command tells the person who called it instead. */
  readonly webhook?: boolean;
  /** Told of the end of each renewal. */
  readonly onRenewal?: (outcome: RenewalOutcome) => void;
}

const log = getLogger("database");

/**
 * Opens the database and makes everything that works on it. Nothing is contacted yet.
 *
 * @throws {StoreError}
 * @throws {RuleFileError}
 */
export async function openServices(
  config: Config,
  { webhook = false, onRenewal }: ServiceOptions = {},
): Promise<Services> {
  const clock = systemClock;
  const { publicUrl, target } = config;
  const registration = new Registration(config.registrationRules);
  const secrets = new Secrets(config.session.secrets.map((secret) => secret.reveal()));
  const webhookUrl = webhook ? config.alertWebhookUrl : undefined;
  const alerts = new Alerts({ clock, fetch, webhookUrl });
  const microsoft = openMicrosoft(config);
  const store = await SqliteStore.open(config.sqlitePath, { clock, onBatchError });
  const vault = new TokenVault(store, secrets);
  const accounts = await Accounts.open({ store, secrets, clock, publicUrl, target });
  const tokens = new Tokens({
    store,
    vault,
    microsoft,
    alerts,
    clock,
    publicUrl,
    observe: onRenewal,
  });
  return { config, store, secrets, accounts, alerts, microsoft, registration, vault, tokens };
}

function onBatchError(error: Error): void {
  log.error("database write failed, will be tried again", { error: error.message });
}

/** The identity service as it is configured. */
export function openMicrosoft({ microsoft, registrations, defaultClientId }: Config): Microsoft {
  return new Microsoft({
    ...microsoft,
    registrations,
    defaultClientId,
    clock: systemClock,
    fetch,
  });
}

/** Ends what works in the background, writes what waits, and closes the database. */
export async function closeServices({ tokens, alerts, store }: Services): Promise<void> {
  await tokens.stop();
  alerts.stop();
  await store.close();
}
