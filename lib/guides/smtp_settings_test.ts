import assert from "node:assert/strict";
import { type Endpoint, endpointsOf, portsOf, swaksCommand } from "./smtp_settings.ts";

const ports = { plain: [25], tls: [], starttls: [], auto: [] };

Deno.test("endpointsOf() offers protected ports first, and plain ones only where clients reach them", () => {
  const smtp = { publicHost: "mail.example", publicTlsPorts: [465], publicStartTlsPorts: [587] };
  const offered = (changes: Partial<Parameters<typeof endpointsOf>[0]>) =>
    endpointsOf({ ...smtp, ports, ...changes }).map(({ port, encryption }) => [port, encryption]);
  const safe = [[587, "STARTTLS"], [465, "TLS"]];
  const plain = [25, "none"];
  assert.deepEqual(offered({}), safe, "behind a proxy that speaks TLS");
  assert.deepEqual(offered({ ports: { ...ports, starttls: [587] } }), [...safe, plain]);
  assert.deepEqual(offered({ publicTlsPorts: [], publicStartTlsPorts: [] }), [plain]);
});

Deno.test("portsOf() names each port once", () => {
  assert.deepEqual(
    portsOf([
      { port: 587, encryption: "STARTTLS" },
      { port: 465, encryption: "TLS" },
      { port: 587, encryption: "TLS" },
    ]),
    [
      { port: 587, encryptions: ["STARTTLS", "TLS"] },
      { port: 465, encryptions: ["TLS"] },
    ],
  );
});

Deno.test("swaksCommand() speaks to the endpoint in its way", () => {
  const command = (endpoint: Endpoint) =>
    swaksCommand({
      ...{ host: "mail.example", endpoint, password: "abc-def" },
      ...{ username: "me@example.com", sender: "me@example.com" },
      recipient: "me@example.com",
    });
  const login = "--auth PLAIN --auth-user me@example.com --auth-password abc-def " +
    "--from me@example.com --to me@example.com";
  assert.equal(
    command({ port: 587, encryption: "STARTTLS" }),
    `swaks --server mail.example --port 587 --tls ${login}`,
  );
  assert.equal(
    command({ port: 465, encryption: "TLS" }),
    `swaks --server mail.example --port 465 --tls-on-connect ${login}`,
  );
  assert.equal(
    command({ port: 25, encryption: "none" }),
    `swaks --server mail.example --port 25 ${login}`,
  );
});

Deno.test("W7: swaksCommand() quotes what a shell would take apart", () => {
  const command = swaksCommand({
    ...{ host: "::1", endpoint: { port: 25, encryption: "none" }, password: "a b" },
    ...{ username: "o'brien$(id)@example.com", sender: "`id`@example.com" },
    recipient: "`id`@example.com",
  });
  assert.match(command, /--server ::1 /);
  assert.match(command, /--auth-user 'o'\\''brien\$\(id\)@example\.com' /);
  assert.match(
    command,
    /--auth-password 'a b' --from '`id`@example\.com' --to '`id`@example\.com'$/,
  );
});
