import assert from "node:assert/strict";
import { join } from "node:path";
import { parseConfig } from "../config/mod.ts";
import { closeServices, openServices } from "../program/mod.ts";
import { settle } from "../testing/settle.ts";
import { openWebServices } from "./web_services.ts";

Deno.test("W4: a page with live deliveries ends when its reader signs out", async () => {
  const directory = await Deno.makeTempDir();
  const program = await openServices(parseConfig({
    APP_SECRETS: "app-1:secret-1",
    SESSION_SECRET: "0123456789abcdef0123456789abcdef",
    SMTP_PUBLIC_HOST: "smtp.example.com",
    SMTP_PORT: "2525",
    SQLITE_PATH: join(directory, "db.sqlite"),
  }, () => ""));
  const { services, close } = openWebServices(program, () => Promise.resolve([]));
  let signedIn = true;
  const asked = Promise.withResolvers<void>();
  const body = services.live.open({
    accountId: "a",
    afterId: 0,
    filter: {},
    isAuthorized: () => {
      asked.resolve();
      return Promise.resolve(signedIn);
    },
    format: () => "",
  });
  let ended = false;
  const text = new Response(body).text().finally(() => ended = true);
  await asked.promise;
  await settle();
  signedIn = false;
  const session = { idHash: new Uint8Array(32), accountId: "a", createdAtMs: 0, expiresAtMs: 1 };
  await services.sessions.end(session, false);
  await settle();
  assert(ended);
  assert.match(await text, /^: hello/);
  close();
  await closeServices(program);
  await Deno.remove(directory, { recursive: true });
});
