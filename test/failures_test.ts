/**
 * What a mail client is told when something is wrong: at its own end, at the submission server, at the identity service.
 */
import assert from "node:assert/strict";
import { NORA, Product } from "./harness.ts";
import { SmtpClient, type SmtpLogin } from "../tools/simulate/smtp_client.ts";

const MESSAGE = new TextEncoder().encode("Subject: Test\r\n\r\nText\r\n");
/** Access tokens of this lifetime are too old for the program as soon as they are issued. */
const TOO_SHORT_S = 30;

/** Runs a test with a program of its own, where someone has signed in. */
function productTest(
  name: string,
  test: (product: Product, login: SmtpLogin) => Promise<void>,
): void {
  Deno.test(name, async () => {
    await using product = await Product.start();
    await test(product, await product.signIn());
  });
}

/** Tries to log in. @returns the reply to AUTH. */
async function tryLogin(product: Product, login: SmtpLogin): Promise<string> {
  using client = await SmtpClient.connect(product.ports.smtp);
  await client.command("EHLO client.example");
  return await client.authenticate(login);
}

/** Logs in and sends. @returns the final reply. */
async function send(product: Product, login: SmtpLogin): Promise<string> {
  using client = await product.connect(login);
  await client.envelope(NORA, ["a@example.com"]);
  return await client.data(MESSAGE);
}

productTest("a wrong password gets 535, and nothing goes upstream", async (product, login) => {
  const { submissionServer } = product.simulation;
  const before = submissionServer.connections;
  assert.match(await tryLogin(product, { ...login, password: "wrong" }), /^535 5\.7\.8 /);
  assert.equal(submissionServer.connections, before);
});

productTest(
  "S20: an unknown user gets the same reply as a wrong password",
  async (product, login) => {
    const wrong = await tryLogin(product, { ...login, password: "wrong" });
    const unknown = await tryLogin(product, { ...login, username: "nobody@example.com" });
    assert.equal(unknown, wrong);
  },
);

productTest(
  "U1: a stopped submission server gets 454, and its return heals it",
  async (product, login) => {
    const { submissionServer } = product.simulation;
    await submissionServer.stop();
    assert.match(await tryLogin(product, login), /^454 4\.7\.0 /);
    await submissionServer.restart();
    assert.match(await send(product, login), /^250 /);
  },
);

productTest(
  "U2: a pooled connection that died between messages is replaced",
  async (product, login) => {
    const { submissionServer } = product.simulation;
    assert.match(await send(product, login), /^250 /);
    await submissionServer.stop();
    await submissionServer.restart();
    assert.match(await send(product, login), /^250 /);
    assert.equal(submissionServer.store.received, 2);
  },
);

productTest("U6: a client that leaves inside the body sends nothing", async (product, login) => {
  const { store } = product.simulation.submissionServer;
  {
    using client = await product.connect(login);
    await client.envelope(NORA, ["a@example.com"]);
    assert.match(await client.command("DATA"), /^354 /);
    await client.write(MESSAGE);
  }
  assert.match(await send(product, login), /^250 /);
  assert.equal(store.received, 1);
});

productTest("U10: 432 of the submission server becomes 454", async (product, login) => {
  product.simulation.submissionServer.refusal = "concurrency";
  assert.match(await tryLogin(product, login), /^454 4\./);
});

for (const form of ["direct", "challenge"] as const) {
  productTest(
    `U11: a token refused in ${form} form is fetched once more`,
    async (product, login) => {
      const { identityProvider, submissionServer } = product.simulation;
      submissionServer.badTokenRefusal = form;
      identityProvider.revokeAccessTokens(NORA);
      const before = identityProvider.tokenRequests;
      assert.match(await send(product, login), /^250 /);
      assert.equal(identityProvider.tokenRequests, before + 1);
    },
  );
}

productTest(
  "T4: a stopped identity service does not matter while the token is valid",
  async (product, login) => {
    await product.simulation.identityProvider.stop();
    assert.match(await send(product, login), /^250 /);
  },
);

Deno.test("T4: a stopped identity service gets 454 when a new token is needed", async () => {
  await using product = await Product.start();
  const { identityProvider } = product.simulation;
  identityProvider.accessTokenLifetimeS = TOO_SHORT_S;
  const login = await product.signIn();
  await identityProvider.stop();
  assert.match(await tryLogin(product, login), /^454 4\.7\.0 /);
});

for (
  const [name, fault] of [
    ["429", { kind: "status", status: 429 }],
    ["503", { kind: "status", status: 503 }],
    ["HTML", { kind: "malformed" }],
  ] as const
) {
  Deno.test(`T4: a token endpoint that answers with ${name} gets 454`, async () => {
    await using product = await Product.start();
    const { identityProvider } = product.simulation;
    identityProvider.accessTokenLifetimeS = TOO_SHORT_S;
    const login = await product.signIn();
    identityProvider.tokenFault = fault;
    assert.match(await tryLogin(product, login), /^454 4\.7\.0 /);
  });
}

Deno.test("T5: a revoked refresh token gets 535 that asks to sign in, which heals it", async () => {
  await using product = await Product.start();
  const { identityProvider } = product.simulation;
  identityProvider.accessTokenLifetimeS = TOO_SHORT_S;
  const login = await product.signIn();
  identityProvider.revokeRefreshTokens(NORA);
  assert.match(await tryLogin(product, login), /^535 5\.7\.8 .*sign in/i);
  const requests = identityProvider.tokenRequests;
  assert.match(await tryLogin(product, login), /^535 5\.7\.8 .*sign in/i);
  assert.equal(identityProvider.tokenRequests, requests, "hammering");
  identityProvider.accessTokenLifetimeS = 3600;
  await product.signIn();
  assert.match(await send(product, login), /^250 /);
});
