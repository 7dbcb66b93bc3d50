import assert from "node:assert/strict";
import type { GuideValues } from "./guide.ts";
import { endpointFor, findGuide, GUIDE_GROUPS } from "./list.ts";
import type { Encryption, Endpoint } from "./smtp_settings.ts";

const GUIDES = GUIDE_GROUPS.flatMap(({ guides }) => guides);
const VALUES = { host: "mail.example.com", username: "me@example.com", mailbox: "me@example.com" };

/** All text of a guide's steps. */
function textOf(slug: string, encryption: Encryption, changes: Partial<GuideValues> = {}): string {
  const endpoint = { port: 587, encryption };
  return JSON.stringify(findGuide(slug)?.steps({ ...VALUES, endpoint, ...changes }), null, 1);
}

Deno.test("guides have addresses of their own", () => {
  assert.equal(GUIDES.length, 30);
  assert.equal(new Set(GUIDES.map(({ slug }) => slug)).size, GUIDES.length);
  for (const { slug } of GUIDES) assert.match(slug, /^[a-z-]+$/);
  assert.equal(findGuide("toString"), undefined);
});

Deno.test("every guide names the server and the user, for every kind of encryption", () => {
  for (const guide of GUIDES) {
    for (const encryption of ["STARTTLS", "TLS", "none"] as const) {
      const text = textOf(guide.slug, encryption);
      for (const value of ["mail.example.com", "587", "me@example.com"]) {
        assert.ok(text.includes(value), `${guide.slug} lacks ${value}`);
      }
      assert.doesNotMatch(text, /undefined|\[object/);
    }
  }
});

Deno.test("guides say where code goes, and set paths, addresses and variables as code", () => {
  for (const guide of GUIDES) {
    const endpoint = { port: 587, encryption: "STARTTLS" } as const;
    const steps = guide.steps({ ...VALUES, endpoint });
    const ways = steps.flatMap(({ alternatives = [] }) => alternatives);
    for (const { code, file } of [...steps, ...ways]) {
      assert.equal(file === undefined, code === undefined, `${guide.slug}: ${code ?? file}`);
    }
    const texts = [...steps, ...ways].map(({ text }) => text);
    const notes = steps.map(({ note = "" }) => note);
    for (const text of [...texts, ...notes, guide.needs ?? ""]) {
      const prose = text.replaceAll(/`[^`]*`/g, "");
      assert.doesNotMatch(prose, /(^|\s)[/.]\w|\w\/\w+\.|\/\/|SMTP_[A-Z]/, guide.slug);
    }
  }
});

Deno.test("programs in guides take the password from a step that has it", () => {
  for (const slug of ["python", "nodemailer", "php", "go", "dotnet", "powershell"]) {
    const text = textOf(slug, "STARTTLS");
    assert.match(text, /SMTP_PASSWORD = 'YOUR-APP-PASSWORD'/, slug);
  }
});

Deno.test("endpointFor() takes the kind of encryption that a program knows best", () => {
  const startTls: Endpoint = { port: 587, encryption: "STARTTLS" };
  const tls: Endpoint = { port: 465, encryption: "TLS" };
  const plain: Endpoint = { port: 25, encryption: "none" };
  const portFor = (slug: string, ...endpoints: Endpoint[]) =>
    endpointFor(findGuide(slug)!, endpoints)?.port;
  assert.equal(portFor("thunderbird", plain, tls, startTls), 587);
  assert.equal(portFor("apple-mail", plain, startTls, tls), 465);
  assert.equal(portFor("printer", plain), 25);
  assert.equal(portFor("gmail", plain), undefined, "Google sends no password in plain text");
});

Deno.test("guides speak to a port in its way", () => {
  assert.match(textOf("msmtp", "TLS"), /tls {12}on\\ntls_starttls {3}off/);
  assert.match(textOf("msmtp", "none"), /tls {12}off/);
  assert.match(textOf("postfix", "TLS"), /smtp_tls_wrappermode = yes/);
  assert.doesNotMatch(textOf("postfix", "STARTTLS"), /wrappermode/);
  assert.match(textOf("curl", "TLS"), /smtps:\/\/mail\.example\.com:587/);
  assert.match(textOf("curl", "STARTTLS"), /smtp:\/\/mail\.example\.com:587 --ssl-reqd/);
  assert.match(textOf("python", "TLS"), /SMTP_SSL/);
  assert.match(textOf("python", "STARTTLS"), /starttls\(context=/);
  assert.match(textOf("nodemailer", "STARTTLS"), /requireTLS: true/);
});

Deno.test("W7: guides quote what a shell, YAML, PHP or Python would take apart", () => {
  const odd = `o'brien"$(id)\\@example.com`;
  const changes = { username: odd, mailbox: odd };
  const codeOf = (slug: string) =>
    findGuide(slug)!.steps({ ...VALUES, endpoint: { port: 25, encryption: "none" }, ...changes })
      .map(({ code }) => code ?? "").join("\n");
  assert.ok(codeOf("swaks").includes(`--auth-user 'o'\\''brien"$(id)\\@example.com'`));
  assert.ok(codeOf("home-assistant").includes(`username: "o'brien\\"$(id)\\\\@example.com"`));
  assert.ok(codeOf("python").includes(`login("o'brien\\"$(id)\\\\@example.com"`));
  assert.ok(codeOf("wordpress").includes(`'o\\'brien"$(id)\\\\@example.com'`));
});
