import assert from "node:assert/strict";
import { parseConfig } from "../../config/mod.ts";
import { CommandError } from "../command.ts";
import { checkPorts } from "./parts.ts";

const CONFIG = parseConfig({
  APP_SECRETS: "app-1:secret-1",
  SESSION_SECRET: "0123456789abcdef0123456789abcdef",
  SMTP_PUBLIC_HOST: "smtp.example.com",
  SMTP_HOST: "127.0.0.1",
  SMTP_PORT: "1025",
  HTTP_PORT: "443",
  OWN_CA: "on",
}, () => "");

Deno.test("checkPorts() does without a redirect that nobody has asked for", () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const smtp = { ...CONFIG.smtp, ports: { ...CONFIG.smtp.ports, plain: [0] } };
  const http = { ...CONFIG.http, ports: [0], redirectPort: port };
  assert.ok(http.isRedirectOptional);
  assert.equal(checkPorts({ ...CONFIG, smtp, http }).http.redirectPort, undefined);
  const asked = { ...http, isRedirectOptional: false };
  assert.throws(
    () => checkPorts({ ...CONFIG, smtp, http: asked }),
    (error) => error instanceof CommandError && /^HTTP_REDIRECT_PORT: .*in use/.test(error.message),
  );
});
