/**
 * Where the program's time goes: runs it under V8's sampling profiler with two loads, and prints the functions at the top.
 *
 * The profiles stay in the folder that is named at the end; Chrome's developer tools and speedscope open them.
 *
 * @module
 */
import { join } from "node:path";
import { formatTable, shown, type Table } from "./report.ts";
import { Testbed } from "./testbed.ts";

/** A CPU profile as V8 writes it. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    /** The functions that were called from here. */
    readonly children?: readonly number[];
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      /** Counted from 0. */
      readonly lineNumber: number;
    };
  }[];
  /** The node in which each sample was taken. */
  readonly samples: readonly number[];
  /** Microseconds between each sample and the one before. */
  readonly timeDeltas: readonly number[];
}

const LOADS = [
  { name: "4 KiB, open connections", args: ["--reuse", "--seconds", "8"] },
  { name: "4 KiB, new connections", args: ["--seconds", "8"] },
  {
    name: "10 MiB, open connections",
    args: ["--reuse", "--octets", `${10 * 2 ** 20}`, "--count", "200"],
  },
];

const PERSON_COUNT = 10;
const TOP = 25;
/** Where nothing of the program runs. */
const OUTSIDE = new Set(["(root)", "(idle)"]);

/** The functions that took most time themselves, and those that took most together with what they had called. */
function topFunctions(
  { nodes, samples, timeDeltas }: CpuProfile,
  by: "self" | "total",
): Table["rows"] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((it) => [it, id])));
  const microseconds = { self: new Map<string, number>(), total: new Map<string, number>() };
  let busy = 0;
  samples.forEach((sample, index) => {
    const own = nameOf(byId.get(sample)!);
    if (OUTSIDE.has(own)) return;
    const delta = timeDeltas[index]!;
    const names = new Set<string>();
    for (let id: number | undefined = sample; id !== undefined; id = callers.get(id)) {
      names.add(nameOf(byId.get(id)!));
    }
    busy += delta;
    add(microseconds.self, own, delta);
    for (const name of names) add(microseconds.total, name, delta);
  });
  const percent = (part = 0) => `${shown(100 * part / busy)} %`;
  const rows = [...microseconds[by]]
    .filter(([name]) => !OUTSIDE.has(name))
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, TOP)
    .map(([name]) => [
      percent(microseconds.self.get(name)),
      percent(microseconds.total.get(name)),
      name,
    ]);
  return [["self", "total", "function"], ...rows];
}

function nameOf(
  { callFrame: { functionName, url, lineNumber } }: CpuProfile["nodes"][number],
): string {
  const file = url.split("/").slice(-2).join("/");
  const place = file === "" ? "" : ` ${file}:${lineNumber + 1}`;
  return `${functionName || "(anonymous)"}${place}`;
}

function add(sums: Map<string, number>, name: string, value: number): void {
  sums.set(name, (sums.get(name) ?? 0) + value);
}

async function profile(testbed: Testbed, { name, args }: typeof LOADS[number]): Promise<Table[]> {
  const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_profile_" });
  {
    await using sink = await testbed.startSink();
    await using proxy = await testbed.startProxy(sink, { profileDirectory: directory });
    await testbed.load(proxy.ports.plain, ...args);
  }
  const [file] = [...Deno.readDirSync(directory)];
  if (file === undefined) throw new Error("Deno has written no profile");
  const path = join(directory, file.name);
  const result: CpuProfile = JSON.parse(await Deno.readTextFile(path));
  return (["self", "total"] as const).map((by) => ({
    title: `${name}, by ${by} time (${path})`,
    rows: topFunctions(result, by),
  }));
}

if (import.meta.main) {
  await using testbed = await Testbed.create(PERSON_COUNT);
  testbed.cleanUpOnInterrupt();
  for (const load of LOADS) {
    for (const table of await profile(testbed, load)) console.log(formatTable(table));
  }
}
