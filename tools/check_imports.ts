/**
 * Checks who imports whom, over the whole repository:
 *
 *     deno run --allow-read tools/check_imports.ts
 *
 * Prints each import that breaks a rule, and exits with 1 if there is one.
 *
 * @module
 */
import { dirname, normalize } from "node:path/posix";

/** A source file; its path is relative to the root of the repository. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** An import that breaks a rule. */
export interface Violation {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly specifier: string;
  readonly rule: string;
}

/** What the files of a folder may import. Tests are free. */
interface Rule {
  readonly folder: string;
  /** Files of the repository, by their path. */
  readonly files: RegExp;
  /** Modules from elsewhere, by their name. */
  readonly packages: RegExp;
  readonly text: string;
}

const RULES: readonly Rule[] = [
  {
    folder: "smtp/",
    files: /^smtp\//,
    packages: /^node:/,
    text: "smtp imports only smtp and node:*",
  },
  {
    folder: "lib/icons/",
    files: /^lib\/icons\//,
    packages: /^preact$/,
    text: "lib/icons imports only lib/icons and preact: browsers load it",
  },
  {
    folder: "lib/",
    files: /^(lib\/|smtp\/backend\.ts$|deno\.json$)/,
    packages: /./,
    text: "lib imports only lib, packages and, of smtp, smtp/backend.ts",
  },
  {
    folder: "routes/",
    files: /^(routes|lib|islands)\//,
    packages: /^(fresh|preact)(\/|$)/,
    text: "routes import only routes, lib, islands, fresh and preact",
  },
  {
    folder: "islands/",
    files: /^(islands|lib\/icons)\//,
    packages: /^(fresh\/runtime|preact(\/.+)?)$/,
    text: "islands import only islands, lib/icons, preact and fresh/runtime",
  },
];

/** Packages that the program itself never loads. */
const TEST_PACKAGES =
  /^(oidc-provider|smtp-server|playwright-core|nodemailer|fast-check|axe-core|@peculiar\/x509)(\/|$)/;
const TEST_PACKAGES_RULE = "this package is only for tools, test, bench and tests";

/** Files that never run in production. */
const TEST_CODE = /^(tools|test|bench)\/|(^|\/)testing(\/|\.tsx?$)|_test\.tsx?$/;
const TEST_CODE_RULE = "the program does not import tools or test code";

/** The entry point for development, which starts tools. */
const DEVELOPMENT_ENTRY = "dev.ts";

const SOURCE_NAME = /\.tsx?$/;
const SKIPPED_FOLDERS = /^(\.git|_fresh|node_modules|data|dist)$/;

/** The imports and exports of a module, and where their specifiers stand: static, of types, and dynamic. */
const IMPORTS = new RegExp(
  [
    String.raw`^[ \t]*(?:import|export)\b[\w$\s{},*]*?\bfrom\s*"([^"\n]+)"`,
    String.raw`^[ \t]*import\s*"([^"\n]+)"`,
    // The end of a list that has comments in it.
    String.raw`^\} from "([^"\n]+)"`,
    String.raw`\bimport\(\s*"([^"\n]+)"`,
  ].join("|"),
  "gm",
);

/** Every import of these files that breaks a rule. */
export function checkImports(files: readonly SourceFile[]): Violation[] {
  return files
    .filter(({ path }) => !TEST_CODE.test(path))
    .flatMap(checkFile);
}

function checkFile({ path, text }: SourceFile): Violation[] {
  return [...text.matchAll(IMPORTS)].flatMap((match) => {
    const specifier = match.slice(1).find((group) => group !== undefined)!;
    const rule = brokenRule(path, specifier);
    if (rule === undefined) return [];
    const line = text.slice(0, match.index + match[0].length).split("\n").length;
    return [{ path, line, specifier, rule }];
  });
}

/** The rule that an import breaks, in words. */
function brokenRule(path: string, specifier: string): string | undefined {
  const rule = RULES.find(({ folder }) => path.startsWith(folder));
  if (specifier.startsWith(".")) {
    const target = normalize(`${dirname(path)}/${specifier}`);
    if (TEST_CODE.test(target) && path !== DEVELOPMENT_ENTRY) return TEST_CODE_RULE;
    return rule?.files.test(target) === false ? rule.text : undefined;
  }
  const name = specifier.replace(/^npm:\/?/, "").replace(/^((?:@[^/]+\/)?[^@/]+)@[^/]*/, "$1");
  if (TEST_PACKAGES.test(name)) return TEST_PACKAGES_RULE;
  return rule?.packages.test(name) === false ? rule.text : undefined;
}

/** All source files below a folder. */
async function readSources(root: string, folder = ""): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const entry of Deno.readDir(`${root}/${folder}`)) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory && !SKIPPED_FOLDERS.test(entry.name)) {
      files.push(...await readSources(root, `${path}/`));
    } else if (entry.isFile && SOURCE_NAME.test(entry.name)) {
      files.push({ path, text: await Deno.readTextFile(`${root}/${path}`) });
    }
  }
  return files.sort((a, b) => a.path.localeCompare(b.path));
}

/** Checks the repository; gives the exit code. */
async function main(): Promise<number> {
  const files = await readSources(".");
  const violations = checkImports(files);
  for (const { path, line, specifier, rule } of violations) {
    console.error(`${path}:${line}: "${specifier}": ${rule}`);
  }
  if (violations.length > 0) return 1;
  console.log(`Checked the imports of ${files.length} files`);
  return 0;
}

if (import.meta.main) Deno.exit(await main());
