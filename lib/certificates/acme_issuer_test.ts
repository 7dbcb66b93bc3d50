import assert from "node:assert/strict";
import { systemClock } from "../base/mod.ts";
import { AcmeIssuer } from "./acme_issuer.ts";
import { FolderStorage } from "./storage.ts";

/** An authority that takes accounts and refuses orders. */
function refusingAuthority(refusal: () => Response) {
  let accounts = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { origin, pathname } = new URL(request.url);
    await request.body?.cancel();
    const headers = { "replay-nonce": crypto.randomUUID(), location: `${origin}/account/1` };
    switch (pathname) {
      case "/dir":
        return Response.json({
          newNonce: `${origin}/nonce`,
          newAccount: `${origin}/account`,
          newOrder: `${origin}/order`,
        });
      case "/account":
        accounts++;
        return Response.json({ status: "valid" }, { status: 201, headers });
      case "/order": {
        const response = refusal();
        response.headers.set("replay-nonce", crypto.randomUUID());
        return response;
      }
      default:
        return new Response(null, { headers });
    }
  });
  return {
    directoryUrl: `http://127.0.0.1:${server.addr.port}/dir`,
    get accounts() {
      return accounts;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function failureOf(refusal: () => Response) {
  const folder = await Deno.makeTempDir();
  await using authority = refusingAuthority(refusal);
  const { directoryUrl } = authority;
  const issuer = new AcmeIssuer({
    names: ["mail.example.org"],
    acme: { directoryUrl },
    storage: new FolderStorage(folder),
    clock: systemClock,
  });
  try {
    await issuer.issue(undefined);
    assert.fail("the order was refused");
  } catch (error) {
    const [kept] = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.equal(kept, "account.json");
    return issuer.explain(error);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function problem(type: string, status: number, headers = {}): Response {
  const document = { type: `urn:ietf:params:acme:error:${type}`, detail: "reason of the CA" };
  return Response.json(document, { status, headers });
}

Deno.test("AcmeIssuer explains a rate limit, and says when to come again", async () => {
  const failure = await failureOf(() => problem("rateLimited", 429, { "retry-after": "7200" }));
  assert.match(failure.text, /limit on requests.*reason of the CA/);
  assert.equal(failure.retryAfterMs, 7_200_000);
});

Deno.test("AcmeIssuer explains a CAA record that forbids the certificate", async () => {
  assert.match((await failureOf(() => problem("caa", 403))).text, /CAA record in DNS forbids/);
});

Deno.test("AcmeIssuer explains an authority that answers with something else", async () => {
  const failure = await failureOf(() => new Response("<html>Bad Gateway", { status: 502 }));
  assert.match(failure.text, /does not answer/);
});

Deno.test("AcmeIssuer explains an authority that is not there", async () => {
  const folder = await Deno.makeTempDir();
  const acme = { directoryUrl: "http://127.0.0.1:9/dir" };
  const names = ["mail.example.org"];
  const issuer = new AcmeIssuer({
    ...{ names, acme, clock: systemClock },
    storage: new FolderStorage(folder),
  });
  const error = await issuer.issue(undefined).catch((error) => error);
  const { text, remedy } = issuer.explain(error);
  assert.match(text, /^The certificate authority does not answer\./);
  assert.match(remedy, /ACME_DIRECTORY_URL/);
  await Deno.remove(folder, { recursive: true });
});
