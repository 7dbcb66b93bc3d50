/**
 * The search for damage in a database file, on a separate thread: SQLite reads the whole file at once, which takes seconds for
 * some gigabytes.
 *
 * @module
 */

/** The program of the thread, as text because the compiled executable is a single file. */
const PROGRAM = `
  import { DatabaseSync } from "node:sqlite";

  function check(path) {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return database.prepare("PRAGMA quick_check(1)").get().quick_check;
    } finally {
      database.close();
    }
  }

  self.onmessage = ({ data: path }) => {
    try {
      self.postMessage({ result: check(path) });
    } catch ({ message }) {
      self.postMessage({ message });
    }
  };
`;

/** A compiled executable cannot start threads from `blob:` addresses. */
const PROGRAM_URL = `data:text/javascript,${encodeURIComponent(PROGRAM)}`;

/** The message of the thread: SQLite's result, or the text of its error. */
type Answer = { readonly result: string } | { readonly message: string };

/** Runs `PRAGMA quick_check(1)`. Returns "ok", or the first damage. @throws {Error} SQLite's error if the file cannot be read. */
export async function quickCheck(path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const worker = new Worker(PROGRAM_URL, { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Answer>) =>
    "result" in data ? resolve(data.result) : reject(new Error(data.message));
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  worker.postMessage(path);
  return await promise.finally(() => worker.terminate());
}
