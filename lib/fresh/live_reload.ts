/**
 * Runs in the browser during development: loads the page anew when another build answers. Builds for production do not
 * have it.
 *
 * @module
 */
const LOOK_INTERVAL_MS = 500;
const [site] = import.meta.url.split("/_fresh/js/");

/** Returns the mark of the build that answers; undefined while the program restarts. */
async function currentBuild(): Promise<string | undefined> {
  try {
    const response = await fetch(`${site}/_fresh/build`, { cache: "no-store" });
    return response.ok ? await response.text() : undefined;
  } catch {
    // Nobody listens for a moment: look again.
    return undefined;
  }
}

async function reloadAfter(shown: string | undefined): Promise<void> {
  const current = await currentBuild();
  if (shown !== undefined && current !== undefined && current !== shown) return location.reload();
  setTimeout(reloadAfter, LOOK_INTERVAL_MS, shown ?? current);
}

void reloadAfter(undefined);
