/**
 * The audit trail and the one-time link on the command line.
 */
import assert from "node:assert/strict";
import { NORA, Testbed } from "./testbed.ts";

Deno.test("audit tells what the command line did, newest first", async () => {
  await using bed = await Testbed.open();
  await bed.seedAccount();
  await bed.createLogin();
  await bed.json("account", "password", "revoke", NORA, "printer");
  const { url, expiresInSeconds } = await bed.json("admin", "link");
  assert.match(url, new RegExp(`^${bed.url}/setup\\?token=[\\w-]{43}$`));
  assert.equal(expiresInSeconds, 900);
  await bed.json("account", "remove", NORA, "--yes");

  const trail = await bed.json("audit");
  const told = trail.map(({ actor, action, subject }: Record<string, string>) =>
    `${actor} ${action}: ${subject}`
  );
  assert.deepEqual(told, [
    `the command line deleted an account: ${NORA}`,
    "the command line made a one-time link: the administration",
    `the command line revoked an app password: “printer” of ${NORA}`,
    `the command line created an app password: “printer” of ${NORA}`,
  ]);
  assert.equal((await bed.json("audit", "--search", "revoked")).length, 1);
  const { code, output } = await bed.run(["audit", "--count", "1"]);
  assert.equal(code, 0);
  assert.match(output, /^TIME .*\n.*deleted an account .*\n$/);
  assert.equal((await bed.run(["audit", "--count", "none"])).code, 64);
  assert.ok(!JSON.stringify(trail).includes(url.split("=")[1]), "the link is no part of the trail");
});
