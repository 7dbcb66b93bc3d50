/**
 * The addresses of the files in `routes/`, as Fresh's file routing gives them.
 *
 * @module
 */
import type { Middleware, RouteComponent } from "./context.ts";
import type { RouteHandler } from "./handlers.ts";

/** The exports of a file in `routes/`. */
export interface RouteModule<State> {
  readonly default?: RouteComponent<State> | Middleware<State>;
  readonly handler?: RouteHandler<unknown, State> | readonly Middleware<State>[];
}

/** The purpose of a file, by its name. */
export type FileKind = "app" | "layout" | "error" | "middleware" | "route";

/** The place of a file in the site. */
export interface FilePlace {
  readonly kind: FileKind;
  /** The path of its folder, such as `/account/passwords/:id`; empty for `routes/` itself. */
  readonly folder: string;
  /** The path that a route answers: plain, or a pattern of the URL Pattern standard. */
  readonly path: string;
}

const SPECIAL_NAMES: Readonly<Record<string, FileKind>> = {
  _app: "app",
  _layout: "layout",
  _error: "error",
  _middleware: "middleware",
};
/** Fresh's error pages for one status. */
const SPECIAL_FOR_FRESH = /^_(404|500)$/;
/** A folder that groups routes and is no part of their address. */
const GROUP = /^\(.*\)$/;
const PARAMETER = /\[(\w+)\]/;
/** Characters that mean something in a URL pattern. */
const PATTERN_SYNTAX = /[\\:*+?(){}]/g;

/**
 * Finds the place of a file.
 *
 * @param file Its path below `routes/`, such as `account/passwords/[id]/rename.tsx`.
 * @throws {SyntaxError} for a name in brackets that is no plain parameter, and for a special name that is not known.
 */
export function placeOf(file: string): FilePlace {
  const folders = file.replace(/\.\w+$/, "").split("/");
  const name = folders.pop() ?? "";
  const steps = [...folders.filter((folder) => !GROUP.test(folder)), name === "index" ? "" : name];
  if (SPECIAL_FOR_FRESH.test(name)) {
    throw new SyntaxError(`routes/${file}: lib/fresh has no ${name}`);
  }
  return {
    kind: SPECIAL_NAMES[name] ?? "route",
    folder: folders.map((folder) => `/${patternOf(folder, file, encodeStep)}`).join(""),
    path: `/${steps.filter(Boolean).map((step) => patternOf(step, file, escapeStep)).join("/")}`,
  };
}

/** Sorts files so that plain names come before parameters. */
export function sortFiles<File extends { readonly file: string }>(files: readonly File[]): File[] {
  const rank = ({ file }: File) => file.replaceAll("[", "\uffff");
  return files.toSorted((a, b) => rank(a) < rank(b) ? -1 : 1);
}

function patternOf(step: string, file: string, literal: (text: string) => string): string {
  const pieces = step.split(PARAMETER);
  if (pieces.some((piece, index) => index % 2 === 0 && /[[\]]/.test(piece))) {
    throw new SyntaxError(`routes/${file}: only [name] is understood in a file name`);
  }
  return pieces.map((piece, index) => index % 2 === 1 ? `:${piece}` : literal(piece)).join("");
}

/** Writes a file name, or a path of them, as the URL standard does in an address. */
export function encodeStep(name: string): string {
  const escaped = name.replace(/[%?#\\ ]/g, encodeURIComponent);
  return new URL(`http://site.invalid/${escaped}`).pathname.slice(1);
}

/** The same in a pattern, in which it means nothing but itself. */
function escapeStep(name: string): string {
  return encodeStep(name).replace(PATTERN_SYNTAX, "\\$&");
}
