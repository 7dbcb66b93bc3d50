/**
 * What tests of a running server have in common.
 *
 * @module
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:tls";
import { SmtpClient, type SmtpLogin } from "../tools/simulate/smtp_client.ts";
import { CommandWorld, type Settings } from "./command_world.ts";
import { NORA } from "./harness.ts";
import { RunningServer } from "./running_server.ts";

/** Runs a test with a server and Nora's account. */
export function serverTest(
  name: string,
  test: (world: CommandWorld, server: RunningServer) => Promise<void>,
  settingsOf: (world: CommandWorld) => Settings = () => ({}),
): void {
  Deno.test(name, async () => {
    await using world = await CommandWorld.start();
    await world.seedAccount();
    await using server = await RunningServer.start(world.command(["serve"], settingsOf(world)));
    await test(world, server);
  });
}

/** Makes an app password of Nora's. */
export async function createLogin(world: CommandWorld): Promise<SmtpLogin> {
  return await world.json("account", "password", "create", NORA, "printer");
}

/** A client that has logged in. @param login By default with an app password of its own. */
export async function logIn(world: CommandWorld, login?: SmtpLogin): Promise<SmtpClient> {
  const client = await SmtpClient.connect(world.ports.smtp);
  await client.command("EHLO client.example");
  assert.match(await client.authenticate(login ?? await createLogin(world)), /^235 /);
  return client;
}

/** The names in the certificate of a TLS port. */
export async function namesOfCertificate(port: number): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const names = socket.getPeerCertificate().subjectaltname;
  socket.destroy();
  return String(names);
}

/** Puts another certificate in the place of the SMTP server's. */
export async function writeCertificate(world: CommandWorld, name: string): Promise<void> {
  const { key, cert } = await world.simulation.certificateAuthority.issue({ names: [name] });
  await Deno.writeTextFile(world.path("smtp_key.pem"), key);
  await Deno.writeTextFile(world.path("smtp_cert.pem"), cert);
}
