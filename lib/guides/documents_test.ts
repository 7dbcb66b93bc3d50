import assert from "node:assert/strict";
import { appleProfile } from "./apple_profile.ts";
import { autoconfigXml } from "./autoconfig.ts";
import { xmlText } from "./xml.ts";

Deno.test("xmlText() escapes markup and drops what XML does not know", () => {
  assert.equal(xmlText(`<a b="c">&\u0000\u001b\n`), "&lt;a b=&quot;c&quot;&gt;&amp;\n");
});

Deno.test("autoconfigXml() offers the outgoing servers in order", () => {
  const xml = autoconfigXml("mail.example.com", [
    { port: 587, encryption: "STARTTLS" },
    { port: 465, encryption: "TLS" },
    { port: 25, encryption: "none" },
  ]);
  const servers = [...xml.matchAll(/<outgoingServer.*?<\/outgoingServer>/gs)].map(([text]) => text);
  assert.deepEqual(
    servers.map((text) => /<port>(\d+)<.*<socketType>(\w+)</s.exec(text)?.slice(1)),
    [
      ["587", "STARTTLS"],
      ["465", "SSL"],
      ["25", "plain"],
    ],
  );
  assert.match(xml, /<incomingServer type="imap">/, "Thunderbird takes no file without one");
});

Deno.test("appleProfile() sets up sending, without a password", () => {
  const xml = appleProfile({
    host: "mail.example.com",
    endpoint: { port: 465, encryption: "TLS" },
    username: "me@example.com",
    mailbox: "me@example.com",
    displayName: "Me & <Co>",
  });
  const value = (key: string) =>
    new RegExp(`<key>${key}</key>\\s*(?:<(?:string|integer)>([^<]*)<|<(true|false)/>)`).exec(xml)
      ?.slice(1).find((text) => text !== undefined);
  assert.equal(value("OutgoingMailServerHostName"), "mail.example.com");
  assert.equal(value("OutgoingMailServerPortNumber"), "465");
  assert.equal(value("OutgoingMailServerUseSSL"), "true");
  assert.equal(value("OutgoingMailServerUsername"), "me@example.com");
  assert.equal(value("EmailAccountName"), "Me &amp; &lt;Co&gt;");
  assert.match(
    value("PayloadUUID") ?? "",
    /^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-/,
  );
  assert.doesNotMatch(xml, /<key>(Incoming|Outgoing)Password<\/key>/);
});
