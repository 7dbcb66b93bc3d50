/**
 * Renders the Helm chart of the examples. Helm itself is no package of Debian's: this knows the few actions that the chart uses,
 * and refuses all others.
 *
 * @module
 */

/** The values of `.Values`, `.Release`, and variables. */
type Data = Readonly<Record<string, unknown>>;

interface Block {
  readonly kind: "if" | "range";
  readonly expression: string;
  readonly body: Node[];
  readonly otherwise: Node[];
}

type Node = string | Block | { readonly action: string };

const ACTION = /\{\{(-)?\s*(.*?)\s*\}\}/gs;

/** Helm's functions that look something up or draw by chance. `lookup` finds nothing, as at the first installation. */
const FUNCTIONS: Readonly<Record<string, (...values: never[]) => unknown>> = {
  quote: (value: unknown) => JSON.stringify(`${value}`),
  printf: (form: string, value: string) => form.replace("%s", value),
  lookup: () => undefined,
  list: (...values: unknown[]) => values,
  nil: () => undefined,
  genSelfSignedCert: () => ({ Cert: "certificate", Key: "key" }),
  randAlphaNum: (length: number) => "x".repeat(length),
  b64enc: (text: string) => btoa(text),
  toJson: (value: unknown) => JSON.stringify(value),
  sha256sum: () => "0".repeat(64),
  index: (value: Data, key: string) => value[key],
};

/** Renders a template. @throws for a value that is missing, and for an action that it does not know. */
export function renderTemplate(text: string, data: Data): string {
  const variables: Record<string, unknown> = {};
  return renderNodes(parse(text), data, variables);
}

function parse(text: string): Node[] {
  const root: Block = { kind: "if", expression: "", body: [], otherwise: [] };
  const open: { block: Block; nodes: Node[] }[] = [{ block: root, nodes: root.body }];
  let last = 0;
  for (const match of text.matchAll(ACTION)) {
    const [whole, trims, action = ""] = match;
    const before = text.slice(last, match.index);
    open.at(-1)!.nodes.push(trims ? before.trimEnd() : before);
    last = match.index + whole.length;
    const [, kind, expression = ""] = /^(if|range)\s+(.*)$/s.exec(action) ?? [];
    if (kind === "if" || kind === "range") {
      const block: Block = { kind, expression, body: [], otherwise: [] };
      open.at(-1)!.nodes.push(block);
      open.push({ block, nodes: block.body });
    } else if (action === "else") open.at(-1)!.nodes = open.at(-1)!.block.otherwise;
    else if (action === "end") open.pop();
    else open.at(-1)!.nodes.push({ action });
  }
  if (open.length !== 1) throw new Error("an if or range without its end");
  root.body.push(text.slice(last));
  return root.body;
}

function renderNodes(
  nodes: readonly Node[],
  data: Data,
  variables: Record<string, unknown>,
): string {
  return nodes.map((node) => {
    if (typeof node === "string") return node;
    if ("action" in node) return renderAction(node.action, data, variables);
    if (node.kind === "if") {
      const chosen = evaluate(node.expression, data, variables) ? node.body : node.otherwise;
      return renderNodes(chosen, data, variables);
    }
    const [, key, value, expression] = /^\$(\w+), \$(\w+) := (.+)$/.exec(node.expression) ?? [];
    if (!key || !value || !expression) throw new Error(`unknown: range ${node.expression}`);
    const entries = Object.entries(evaluate(expression, data, variables) as Data);
    return entries.map(([name, content]) =>
      renderNodes(node.body, data, { ...variables, [key]: name, [value]: content })
    ).join("");
  }).join("");
}

function renderAction(action: string, data: Data, variables: Record<string, unknown>): string {
  const [, variable, expression] = /^\$(\w+) := (.+)$/.exec(action) ?? [];
  if (variable && expression) {
    variables[variable] = evaluate(expression, data, variables);
    return "";
  }
  const value = evaluate(action, data, variables);
  if (value === undefined) throw new Error(`no value: ${action}`);
  return `${value}`;
}

/** A pipeline: the result of each command is the last argument of the next one. */
function evaluate(pipeline: string, data: Data, variables: Data): unknown {
  return pipeline.split(" | ").reduce<unknown[]>((piped, command) => {
    const words = command.match(/\((?:[^()]*)\)|"[^"]*"|\S+/g) ?? [];
    const [first = "", ...rest] = words;
    const run = FUNCTIONS[first] as ((...values: unknown[]) => unknown) | undefined;
    if (!run) return [operand(first, data, variables)];
    return [run(...rest.map((word) => operand(word, data, variables)), ...piped)];
  }, [])[0];
}

function operand(word: string, data: Data, variables: Data): unknown {
  if (word.startsWith("(")) return evaluate(word.slice(1, -1), data, variables);
  if (word.startsWith('"')) return word.slice(1, -1);
  if (/^\d+$/.test(word)) return Number(word);
  if (word === "nil") return undefined;
  const [, root = "", path = ""] = /^(\$\w+)?((?:\.[\w-]+)*)$/.exec(word) ?? [];
  if (root + path === "") throw new Error(`unknown: ${word}`);
  const start = root === "" ? data : variables[root.slice(1)];
  return path.split(".").slice(1).reduce<unknown>((value, name) => {
    if (typeof value !== "object" || value === null || !(name in value)) {
      throw new Error(`no value: ${word}`);
    }
    return (value as Data)[name];
  }, start);
}
