/**
 * Devices that cannot log in: the address stands for an app password, in the real program, with swaks as the device.
 */
import assert from "node:assert/strict";
import { requireProgram, run } from "./programs.ts";
import { NORA, Testbed } from "./testbed.ts";

const SCANNER = "127.0.0.1";
const STRANGER = "127.0.0.2";
const PROXY = "127.0.0.3";
const BEHIND_PROXY = "192.168.7.40";
const BOB = "bob@example.com";

const SETTINGS = {
  SMTP_LOGIN_BY_ADDRESS: `loopback,${BEHIND_PROXY}`,
  SMTP_PROXY_PROTOCOL: "optional",
  TRUST_PROXY: PROXY,
};

/** Sends without a login from an address. @returns the exit code of swaks, and the dialogue. */
function send(bed: Testbed, address: string, recipient: string, ...options: readonly string[]) {
  return run("swaks", [
    ...["--server", "127.0.0.1", "--port", `${bed.ports.smtp}`, "--local-interface", address],
    ...["--from", "scanner@device.local", "--to", recipient],
    ...["--header", "Subject: by address", ...options],
  ]);
}

Deno.test({
  name: "a device sends without a login where its address stands for an app password",
  ...requireProgram("swaks"),
  async fn() {
    await using bed = await Testbed.open();
    await bed.seedAccount();
    const create = ["account", "password", "create", NORA, "scanner", "--always-mailbox"];
    const limits = ["--recipients", "example.com", "--daily-limit", "3"];
    const addresses = ["--from-address", `${SCANNER},${BEHIND_PROXY}`];
    const off = await bed.run([...create, ...limits, ...addresses]);
    assert.match(off.errors, /SMTP_LOGIN_BY_ADDRESS names no networks/);
    const { code, errors } = await bed.run([...create, ...limits, ...addresses], SETTINGS);
    assert.equal(code, 0, errors);
    await bed.serve(SETTINGS);

    const sent = await send(bed, SCANNER, BOB);
    assert.equal(sent.code, 0, sent.output);
    const { store } = bed.simulation.submissionServer;
    assert.equal(store.last.mailbox, NORA);
    assert.match(new TextDecoder().decode(store.last.content), /^From: nora@outlook\.example\r$/m);
    await bed.server.logs(/login .*byAddress=true/);

    const elsewhere = await send(bed, SCANNER, "eve@example.net");
    assert.match(elsewhere.output, /550 5\.7\.1 This app password may not send to that address/);
    const stranger = await send(bed, STRANGER, BOB);
    assert.match(stranger.output, /530 5\.7\.0 Authentication required/);
    const proxied = await send(bed, PROXY, BOB);
    assert.match(proxied.output, /530 5\.7\.0/, "a proxy's own address stands for nobody");
    const header = ["--proxy-version", "1", "--proxy-family", "TCP4", "--proxy-dest", "10.0.0.1"];
    const ports = ["--proxy-source-port", "4711", "--proxy-dest-port", "25"];
    const behind = ["--proxy-source", BEHIND_PROXY, ...header, ...ports];
    const fromBehind = await send(bed, PROXY, BOB, ...behind);
    assert.equal(fromBehind.code, 0, fromBehind.output);

    await bed.server.stop();
    await bed.serve(SETTINGS);
    const last = await send(bed, SCANNER, `${BOB},carl@example.com`);
    assert.match(last.output, /452 4\.5\.3 This app password has sent as many messages/);
    assert.equal(last.code, 0, "the third recipient is taken, the fourth is not");
    assert.equal(store.messages.length, 3);

    const revoke = ["account", "password", "revoke", NORA, "scanner"];
    assert.equal((await bed.run(revoke)).code, 0);
    await bed.server.logs(/app password revoked/);
    assert.match((await send(bed, SCANNER, BOB)).output, /530 5\.7\.0/);
  },
});
