import assert from "node:assert/strict";
import { parseEnv } from "node:util";
import { envFileDoubts, parseEnvFile, readSettings } from "./environment.ts";

const ALIKE: Readonly<Record<string, string>> = {
  "assignments and comments": "# a comment\nA=1\n\n  B = two words  # a comment\nnothing\nC=\n",
  "quotes": "A='a # b'\nB=\"c $d\"\nC=`e'f\"`\nD='' # empty\n",
  "values of several lines": "A='-----BEGIN\nKEY-----'\nB=\"x\ny\"\nC=z\n",
  "line breaks in double quotes": "A=\"x\\ny\"\nB='x\\ny'\n",
  "CRLF, tabs, and no line end": "\tA=1\r\nexport B='2'\r\nC=3",
  "JSON": 'A={"id":"secret,with:marks"}\nB=["one","two"]\n',
  "repeated names": "A=1\nA=2\n",
};

for (const [what, text] of Object.entries(ALIKE)) {
  Deno.test(`parseEnvFile() reads ${what} as Node.js does`, () => {
    assert.deepEqual(parseEnvFile(text), { ...parseEnv(text) });
  });
}

Deno.test("parseEnvFile() keeps the quotes of a list whose entries are quoted", () => {
  assert.deepEqual(parseEnvFile('A="one","two"\nB=3'), { A: '"one","two"', B: "3" });
});

Deno.test("parseEnvFile() does without the byte order mark that editors of Windows write", () => {
  assert.deepEqual(parseEnvFile("\ufeffA=1\r\nB=2\r\n"), { A: "1", B: "2" });
});

Deno.test("parseEnvFile() takes a quote without its end as it is", () => {
  assert.deepEqual(parseEnvFile("A='one\nB='two'\n"), { A: "'one", B: "two" });
});

/** Reads files of a folder that has these; a text is a file's content, an error what reading it throws. */
function folder(files: Readonly<Record<string, string | Error>>) {
  return (path: string) => {
    const file = files[path] ?? new Deno.errors.NotFound();
    if (typeof file === "string") return file;
    throw file;
  };
}

Deno.test("readSettings() looks for .env, then for the older proxy's env", () => {
  const read = (files: Readonly<Record<string, string | Error>>, envFile?: string) =>
    readSettings(envFile, folder(files), {}).given;
  assert.deepEqual(read({}), {});
  assert.deepEqual(read({ env: "A=1" }), { A: "1" });
  assert.deepEqual(read({ env: "A=1", ".env": "A=2" }), { A: "2" });
  assert.deepEqual(read({ env: "A=1", other: "A=3" }, "other"), { A: "3" });
  // A virtual environment of Python's.
  assert.deepEqual(read({ env: new Deno.errors.IsADirectory() }), {});
  assert.throws(() => read({ ".env": new Deno.errors.PermissionDenied() }));
  assert.throws(() => read({}, "missing"), Deno.errors.NotFound);
});

Deno.test("envFileDoubts() tells of lines that are ignored, and of names that are set twice", () => {
  const text = "\ufeff# one\r\nA='two\r\nthree' # x\r\nB: 4\r\n\r\nC = 6 # x\r\nD E=7\r\nC=8\r\n";
  const doubts = envFileDoubts({ path: ".env", text }).map(({ message }) => message);
  assert.deepEqual(doubts, [
    "Line 4 of .env is ignored: it is not of the form NAME=value.",
    "Line 7 of .env is ignored: it is not of the form NAME=value.",
    "C is set twice in .env: the last line counts.",
  ]);
});

Deno.test("envFileDoubts() has none about a file that is as it should be", async () => {
  const text = await Deno.readTextFile(".env.example");
  assert.deepEqual(envFileDoubts({ path: ".env", text }), []);
  assert.deepEqual(envFileDoubts({ path: ".env", text: 'A="x","y"\nB=`c` # d\nexport D=\n' }), []);
});
