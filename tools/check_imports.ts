/**
 * Checks over the whole repository who imports whom, and how the rooms are laid out:
 *
 *     deno run --allow-read tools/check_imports.ts
 *
 * Prints each fault, and exits with 1 if there is one.
 *
 * @module
 */
import { checkHouse } from "./imports/house.ts";
import {
  type Import,
  importsOf,
  isTestCode,
  readSources,
  type SourceFile,
} from "./imports/sources.ts";

/** An import that breaks a rule. */
interface Violation {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly specifier: string;
  readonly rule: string;
}

/** The imports that the files of a folder may have. Tests are free. */
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
    files: /^(lib\/|smtp\/mod\.ts$|deno\.json$)/,
    packages: /./,
    text: "lib imports only lib, packages and, of smtp, its door smtp/mod.ts",
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
  /^(@azure\/msal-node|@lucide\/icons|axe-core|fast-check|nodemailer|oidc-provider|playwright-core|postal-mime|smtp-server)(\/|$)/;
const TEST_PACKAGES_RULE = "this package is only for tools, test, bench and tests";

const TEST_CODE_RULE = "the program does not import tools or test code";

/** The entry point for development, which starts tools. */
const DEVELOPMENT_ENTRY = "dev.ts";

/** Returns every import of these files that breaks a rule. Test code is free. */
export function checkImports(files: readonly SourceFile[]): Violation[] {
  return files.filter(({ path }) => !isTestCode(path)).flatMap((file) =>
    importsOf(file).flatMap((imported) => {
      const rule = brokenRule(file.path, imported);
      const { line, specifier } = imported;
      return rule === undefined ? [] : [{ path: file.path, line, specifier, rule }];
    })
  );
}

/** The rule that an import breaks, in words. */
function brokenRule(path: string, { specifier, target }: Import): string | undefined {
  const rule = RULES.find(({ folder }) => path.startsWith(folder));
  if (target !== undefined) {
    if (isTestCode(target) && path !== DEVELOPMENT_ENTRY) return TEST_CODE_RULE;
    return rule?.files.test(target) === false ? rule.text : undefined;
  }
  const name = specifier.replace(/^npm:\/?/, "").replace(/^((?:@[^/]+\/)?[^@/]+)@[^/]*/, "$1");
  if (TEST_PACKAGES.test(name)) return TEST_PACKAGES_RULE;
  return rule?.packages.test(name) === false ? rule.text : undefined;
}

/** Checks the repository and returns the exit code. */
async function main(): Promise<number> {
  const files = await readSources();
  const faults = [
    ...checkImports(files).map(({ path, line, specifier, rule }) =>
      `${path}:${line}: "${specifier}": ${rule}`
    ),
    ...checkHouse(files),
  ];
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) return 1;
  console.log(`Checked the imports of ${files.length} files`);
  return 0;
}

if (import.meta.main) Deno.exit(await main());
