/**
 * Back-pressure: a slow submission server slows the client down, and the program's memory stays where it is.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { SimulationOptions } from "../tools/simulate/simulation.ts";
import { SmtpClient } from "../tools/simulate/smtp_client.ts";
import { NORA, Product } from "./harness.ts";

const MIB = 1024 * 1024;
const UPSTREAM_OCTETS_PER_MS = 0.1 * MIB;

const HEADER = new TextEncoder().encode("Subject: Large\r\n\r\n");
/** A MiB of text in lines of 64 octets. */
const BLOCK = new TextEncoder().encode(`${"x".repeat(62)}\r\n`.repeat(MIB / 64));

/**
 * How large a message is, and by how much the memory may grow. Arrays of octets are collected late, so the bound is
 * generous: with the large message it has to show that there is back-pressure, without which it grows by twice the message.
 */
const SIZES = [
  { sizeMib: 25, growthMib: 64 },
  { sizeMib: 140, growthMib: 140 },
];

const WAYS = [
  ["a plain port", "smtp", "BDAT", []],
  ["a STARTTLS port", "startTls", "BDAT", []],
  ["a STARTTLS port", "startTls", "DATA", ["CHUNKING"]],
] as const;

for (const { sizeMib, growthMib } of SIZES) {
  for (const [kind, port, command, hide] of WAYS) {
    Deno.test({
      name: `D4: ${sizeMib} MiB through ${kind} to a slow server by ${command} leave the memory ` +
        `within ${growthMib} MiB`,
      ignore: Deno.build.os !== "linux",
      fn: () => send({ sizeMib, growthMib, port, command, hide }),
    });
  }
}

interface Way {
  readonly sizeMib: number;
  readonly growthMib: number;
  readonly port: "smtp" | "startTls";
  readonly command: "DATA" | "BDAT";
  readonly hide: SimulationOptions["hide"];
}

/** Sends a large message to a slow server, and watches the memory at each piece that the server reads. */
async function send({ sizeMib, growthMib, port, command, hide }: Way): Promise<void> {
  await using product = await Product.start({}, { hide });
  const login = await product.signIn();
  using client = await SmtpClient.connect(product.ports[port]);
  if (port === "smtp") await client.command("EHLO client.example");
  else await client.startTls(product.simulation.certificateAuthority.certificate);
  assert.match(await client.authenticate(login), /^235 /);
  await client.envelope(NORA, ["a@example.com"]);
  assert.match(await client.command("DATA"), /^354 /);

  const before = await residentMib(product.pid);
  let highest = before;
  const { submissionServer } = product.simulation;
  submissionServer.pace = async (octets) => {
    highest = Math.max(highest, await residentMib(product.pid));
    await delay(octets / UPSTREAM_OCTETS_PER_MS);
  };
  await client.write(HEADER);
  for (let sent = 0; sent < sizeMib; sent++) await client.write(BLOCK);
  assert.match(await client.command("."), /^250 /);

  const { content, command: used } = submissionServer.store.last;
  assert.equal(used, command);
  assert.equal(content.length, HEADER.length + sizeMib * BLOCK.length);
  const growth = Math.round(highest - before);
  assert.ok(growth <= growthMib, `grew by ${growth} MiB`);
}

/** Memory of a process that is in RAM. */
async function residentMib(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  assert.ok(kib, "no VmRSS");
  return Number(kib) / 1024;
}
