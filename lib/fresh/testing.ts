/**
 * Sites for tests, without a build.
 *
 * @module
 */
import { App, type AppHandler, applySnapshot } from "./app.ts";
import type { RouteModule } from "./file_routes.ts";
import { createSnapshot, type EncodedSnapshot } from "./snapshot.ts";

/** The files of `routes/`, by their path below that folder. */
export type Files<State> = Readonly<Record<string, RouteModule<State>>>;

/** An app with these routes. @param parts What else the build has made. */
export function handlerOf<State>(
  files: Files<State>,
  { app = new App<State>(), ...parts }: Partial<EncodedSnapshot> & { app?: App<State> } = {},
): AppHandler {
  const routes = Object.entries(files).map(([file, module]) => ({ file, module }));
  const nothing = { bootScript: "/boot.js", everyPage: [], islands: [], files: [] };
  applySnapshot(app.fsRoutes(), createSnapshot({ ...nothing, ...parts, routes }));
  return app.handler();
}

/** A request for a path of the site. */
export function get(path: string, init?: RequestInit): Request {
  return new Request(`http://site.example${path}`, init);
}

/** Keeps what would be printed as an error. */
export async function withoutErrorOutput(run: (logged: unknown[]) => Promise<void>): Promise<void> {
  const original = console.error;
  const logged: unknown[] = [];
  console.error = (error) => logged.push(error);
  try {
    await run(logged);
  } finally {
    console.error = original;
  }
}
