import type { BuildSnapshot, IslandEntry } from "./snapshot.ts";

/** An island on the page that is being rendered. */
export interface RenderedIsland {
  readonly island: IslandEntry;
  readonly props: Record<string, unknown>;
}

/** The page that is being rendered. */
export interface RenderScope {
  readonly snapshot?: BuildSnapshot;
  readonly url: URL;
  readonly islands: RenderedIsland[];
}

let current: RenderScope | undefined;

/** Returns the page that is being rendered now; always undefined in a browser. */
export function currentRender(): RenderScope | undefined {
  return current;
}

/** Runs `render`, which does not wait for anything, as the rendering of this page. */
export function withinRender<Result>(scope: RenderScope, render: () => Result): Result {
  const outer = current;
  current = scope;
  try {
    return render();
  } finally {
    current = outer;
  }
}
