import assert from "node:assert/strict";
import { readDurations } from "./slow_tests.ts";

/** As Deno writes it. */
const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="4" failures="0" errors="0" time="3.5">
    <testsuite name="./lib/a_test.ts" tests="3" disabled="0" errors="0" failures="0">
        <testcase name="a() gives &quot;1 &gt; 0&quot;" classname="./lib/a_test.ts" time="0.500" line="4" col="6">
        </testcase>
        <testcase name="b() waits" classname="./lib/a_test.ts" time="2.000" line="5" col="6">
        </testcase>
        <testcase name="b() waits &gt; for a while" classname="./lib/a_test.ts" time="1.500" line="6" col="6">
        </testcase>
    </testsuite>
    <testsuite name="./lib/c_test.ts" tests="1" disabled="0" errors="0" failures="0">
        <testcase name="c()" classname="./lib/c_test.ts" time="1.000" line="1" col="6">
        </testcase>
    </testsuite>
</testsuites>`;

Deno.test("readDurations() sorts tests and files, and counts a step once", () => {
  assert.deepEqual(readDurations(REPORT), {
    tests: [
      { name: "./lib/a_test.ts: b() waits", seconds: 2 },
      { name: "./lib/c_test.ts: c()", seconds: 1 },
      { name: './lib/a_test.ts: a() gives "1 > 0"', seconds: 0.5 },
    ],
    files: [
      { name: "./lib/a_test.ts", seconds: 2.5 },
      { name: "./lib/c_test.ts", seconds: 1 },
    ],
  });
});
