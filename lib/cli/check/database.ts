import { dirname, join } from "node:path";
import { PROGRAM } from "../../base/mod.ts";
import type { Config } from "../../config/mod.ts";
import { SecretError } from "../../crypto/mod.ts";
import { type Services, useServices } from "../../program/mod.ts";
import type { AccountRecord } from "../../store/mod.ts";
import { statOf } from "../files.ts";
import { hasDatabase } from "../services.ts";
import { type Check, failure, type Finding, ok, warning } from "./finding.ts";
import { endFinding } from "./microsoft.ts";

/** The number of accounts whose tokens are tried. */
const ACCOUNT_LIMIT = 1_000;

/** Returns the check of the database: sound, writable, secrets readable. A missing one is not created. */
export function databaseCheck(config: Config): Check {
  const { sqlitePath } = config;
  return {
    name: "database",
    run: async () => {
      // Opening it checks the file.
      if (await hasDatabase(config)) return await useServices(config, findings);
      return [await folderFinding(sqlitePath) ?? await directoryFinding(sqlitePath)];
    },
  };
}

async function findings(services: Services): Promise<readonly Finding[]> {
  const { config, store, vault } = services;
  // This deletes nothing, and shows that the file can be written.
  await store.webSessions.deleteExpired(0);
  const accounts = await store.accounts.list({ limit: ACCOUNT_LIMIT });
  const name = store.shared?.name ?? config.sqlitePath;
  return [
    ok(`${name} is sound and writable, with ${accounts.length} accounts`),
    ...await secretFindings(accounts, vault),
    ...signInFindings(accounts),
    ...await endFindings(services),
  ];
}

/** Looks at the ends that administrators have entered; those in the settings are checked with the app registrations. */
async function endFindings({ registrations }: Services): Promise<readonly Finding[]> {
  const entered = (await registrations.list()).filter(({ isEndEntered }) => isEndEntered);
  return entered.flatMap((registration) => endFinding(registration) ?? []);
}

async function secretFindings(
  accounts: readonly AccountRecord[],
  vault: Services["vault"],
): Promise<readonly Finding[]> {
  let closedCount = 0;
  for (const account of accounts) {
    await vault.load(account).catch((error) => {
      if (!(error instanceof SecretError)) throw error;
      closedCount++;
    });
  }
  if (closedCount === 0) return [];
  return [failure(
    `SESSION_SECRET does not open the tokens of ${closedCount} accounts`,
    "Put the former secret back into SESSION_SECRET, after the new one.",
  )];
}

function signInFindings(accounts: readonly AccountRecord[]): readonly Finding[] {
  const waiting = accounts.filter(({ state }) => state === "sign-in-required");
  return waiting.map(({ email }) =>
    warning(`${email} has to sign in again`, `"${PROGRAM} account show ${email}" shows why.`)
  );
}

/** Returns a failure if the path names a folder by mistake. */
async function folderFinding(path: string): Promise<Finding | undefined> {
  if (!await statOf(path)) return undefined;
  const remedy = `Name a file in it: SQLITE_PATH=${join(path, "db.sqlite")}`;
  return failure(`${path} is not a file`, remedy);
}

/** The folder has to be writable, or the program has to be able to create it, as it does when it starts. */
async function directoryFinding(path: string): Promise<Finding> {
  const directory = dirname(path);
  try {
    const isNew = !(await statOf(directory))?.isDirectory;
    await Deno.mkdir(directory, { recursive: true });
    await Deno.remove(isNew ? directory : await Deno.makeTempFile({ dir: directory }));
    return ok(`${path} does not exist yet, and can be created`);
  } catch {
    return failure(
      `${path} does not exist, and ${directory} may not be written to`,
      "Give the program's user write permission there, or correct SQLITE_PATH.",
    );
  }
}
