/**
 * Measures the program against the goals of its speed. See README.md beside this file.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type { Effort, Scenario } from "./scenario.ts";
import { type Findings, formatReport } from "./report.ts";
import { accountLookup } from "./scenarios/accounts.ts";
import { delay } from "./scenarios/delay.ts";
import { replicas } from "./scenarios/replicas.ts";
import { idleMemory, slowUpstream } from "./scenarios/memory.ts";
import { pages } from "./scenarios/pages.ts";
import { start } from "./scenarios/start.ts";
import { throughput } from "./scenarios/throughput.ts";
import { Testbed } from "./testbed.ts";

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  throughput,
  delay,
  "idle-memory": idleMemory,
  "slow-upstream": slowUpstream,
  accounts: accountLookup,
  pages,
  start,
};
/** Only by its name: it needs PostgreSQL, and five minutes. */
const NAMED: Readonly<Record<string, Scenario>> = { replicas };
const ALL: Readonly<Record<string, Scenario>> = { ...SCENARIOS, ...NAMED };

/** As many mailboxes as clients at once, so that Microsoft's limit of 3 submissions a mailbox is none here. */
const PERSON_COUNT = 10;

const USAGE = `Usage: deno task bench [options] [SCENARIO …]

  SCENARIO      any of ${Object.keys(SCENARIOS).join(", ")}; default: all of these
                or ${Object.keys(NAMED).join(", ")}, which needs PostgreSQL and five minutes
  --rounds N    rounds in which proxy, no proxy and HAProxy take turns (default 5)
  --seconds N   length of a turn (default 2)
  --postgres URL  the pages scenario uses this empty PostgreSQL database
  --million     the accounts scenario goes up to a million accounts (5 GB; TMPDIR=/dev/shm makes it bearable)
`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "2" },
      postgres: { type: "string" },
      million: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const names = positionals.length === 0 ? Object.keys(SCENARIOS) : positionals;
  if (values.help || !names.every((name) => Object.hasOwn(ALL, name))) {
    console.error(USAGE);
    return values.help ? 0 : 64;
  }
  const effort: Effort = {
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    million: values.million,
    postgresUrl: values.postgres,
  };
  await using testbed = await Testbed.create(PERSON_COUNT);
  testbed.cleanUpOnInterrupt();
  const findings: Findings[] = [];
  for (const name of names) {
    const startedMs = performance.now();
    findings.push(await ALL[name]!(testbed, effort));
    console.error(`${name}: ${Math.round((performance.now() - startedMs) / 1000)} s`);
  }
  console.log(formatReport(findings));
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
