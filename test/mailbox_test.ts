/**
 * Mailboxes that nobody signs in to: an administrator adds them, and the organisation's app registration sends for them.
 */
import assert from "node:assert/strict";
import { servicePrincipalId } from "../tools/simulate/identity/token_store.ts";
import { DEMO_APPLICATION, OFFICE_APPLICATION } from "../tools/simulate/identity_provider.ts";
import { tenantIdOf } from "../tools/simulate/people.ts";
import { requireProgram, run } from "./programs.ts";
import { Testbed } from "./testbed.ts";

const MESSAGE = new TextEncoder().encode("Subject: Test\r\n\r\nText\r\n");
const SCANNER = "scanner@contoso.example";
const ALARM = "alarm@contoso.example";
const CONTOSO = tenantIdOf(SCANNER);
const { id: CLIENT_ID, secret } = OFFICE_APPLICATION;
const OBJECT_ID = servicePrincipalId(CLIENT_ID, CONTOSO);

/** People sign in with one registration, and an organisation's mailboxes are sent for by its own. */
const REGISTRATIONS = {
  APP_SECRETS:
    `${DEMO_APPLICATION.id}:${DEMO_APPLICATION.secret},${CLIENT_ID}@${CONTOSO}:${secret}`,
};

async function openBed(): Promise<Testbed> {
  const bed = await Testbed.open();
  Object.assign(bed.environment, REGISTRATIONS);
  bed.simulation.directory.addSharedMailbox(ALARM);
  return bed;
}

async function send(bed: Testbed, username: string, password: string): Promise<string> {
  using client = await bed.logIn({ username, password });
  await client.envelope(username, ["a@example.com"]);
  return await client.data(MESSAGE);
}

Deno.test("a device sends from a mailbox that nobody has signed in to, until it is deleted", async () => {
  await using bed = await openBed();
  await bed.serve();
  const [added] = await bed.json("mailbox", "add", SCANNER, "--app-password", "scanner");
  assert.equal(added.created, true);
  assert.equal(added.tenantId, CONTOSO);
  assert.equal(added.clientId, CLIENT_ID);
  assert.match(await send(bed, SCANNER, added.appPassword), /^250 /);

  const names = ["--name", "Scanner", "--short-name", "scan"];
  const [again] = await bed.json("mailbox", "add", SCANNER.toUpperCase(), ...names);
  assert.deepEqual([again.id, again.created], [added.id, false]);
  const shown = await bed.json("mailbox", "show", SCANNER);
  assert.equal(shown.kind, "mailbox");
  assert.equal(shown.displayName, "Scanner");
  assert.equal(shown.shortName, "scan");
  assert.equal(shown.state, "active");
  assert.equal(shown.signedInAt, null);
  const password = await bed.json("account", "password", "create", SCANNER, "another");
  assert.match(await send(bed, SCANNER, password.password), /^250 /);
  assert.deepEqual((await bed.json("mailbox", "list")).map(({ email }: typeof shown) => email), [
    SCANNER.toUpperCase(),
  ]);

  await bed.json("mailbox", "delete", SCANNER, "--yes");
  assert.deepEqual(await bed.json("mailbox", "list"), []);
  using client = await bed.connect();
  assert.match(
    await client.authenticate({ username: SCANNER, password: added.appPassword }),
    /^535 /,
  );
});

Deno.test("mailbox add takes a list, and names its faults", async () => {
  await using bed = await openBed();
  const list = bed.path("list.csv");
  await Deno.writeTextFile(list, `Address;Name\n${SCANNER};Scanner, first floor\n${ALARM};\n`);
  const added = await bed.json("mailbox", "add", "--file", list, "--app-password", "device");
  assert.deepEqual(added.map(({ email, displayName }: typeof added[0]) => [email, displayName]), [
    [SCANNER, "Scanner, first floor"],
    [ALARM, ""],
  ]);
  assert.equal(new Set(added.map(({ appPassword }: typeof added[0]) => appPassword)).size, 2);

  await Deno.writeTextFile(list, `${SCANNER}\nscanner\n`);
  const faulty = await bed.run(["mailbox", "add", "--file", list]);
  assert.equal(faulty.code, 64);
  assert.match(faulty.errors, /no address in line 2/);
  assert.equal((await bed.run(["mailbox", "add", "--file", bed.path("none.csv")])).code, 66);
  assert.equal((await bed.run(["mailbox", "add"])).code, 64);
  assert.match((await bed.run(["mailbox", "add", "scanner"])).errors, /is not an address/);
  const two = await bed.run(["mailbox", "add", SCANNER, ALARM, "--name", "Scanner"]);
  assert.match(two.errors, /--name is for a single mailbox/);

  const filters = { ALLOWED_DOMAINS_LIST: "fabrikam.example" };
  const refused = await bed.run(["mailbox", "add", "fax@contoso.example"], filters);
  assert.equal(refused.code, 77);
  assert.match(refused.errors, /ALLOWED_/);
  const without = { APP_SECRETS: `${DEMO_APPLICATION.id}:${DEMO_APPLICATION.secret}` };
  const unsuitable = await bed.run(["mailbox", "add", "fax@contoso.example"], without);
  assert.match(unsuitable.errors, /application-id@tenant-id/);
});

interface Proof {
  readonly email: string;
  readonly verdict: string;
  readonly sent: boolean;
  readonly explanation: { readonly title: string; readonly code: string } | null;
  readonly commands: { readonly shell: string; readonly lines: readonly string[] } | null;
}

async function check(bed: Testbed, ...args: readonly string[]): Promise<readonly Proof[]> {
  const { output, errors } = await bed.run(["mailbox", "check", ...args, "--json"]);
  assert.equal(errors, "");
  return JSON.parse(output);
}

Deno.test("mailbox check proves each mailbox, and prints what an administrator has to paste", async (t) => {
  await using bed = await openBed();
  const { directory, identityProvider, submissionServer, troubles } = bed.simulation;
  await bed.json("mailbox", "add", SCANNER, ALARM);

  await t.step("all is well", async () => {
    const [proof] = await check(bed, SCANNER);
    assert.deepEqual([proof?.verdict, proof?.sent, proof?.explanation], ["good", false, null]);
    const [sent] = await check(bed, SCANNER, "--send");
    assert.deepEqual([sent?.verdict, sent?.sent], ["good", true]);
    const message = submissionServer.store.messages.at(-1);
    assert.match(new TextDecoder().decode(message?.content), /From: <scanner@contoso\.example>/);
  });

  await t.step("the right on the mailbox is missing, which shows with a message", async () => {
    assert.equal((await check(bed, ALARM))[0]?.verdict, "good");
    const [proof] = await check(bed, ALARM, "--send");
    assert.equal(proof?.verdict, "bad");
    assert.match(proof.explanation!.title, /has no right on this mailbox/);
    assert.deepEqual(proof.commands, {
      shell: "Exchange Online PowerShell",
      lines: [
        "Connect-ExchangeOnline",
        `$application = (Get-ServicePrincipal -Identity '${CLIENT_ID}').Identity`,
        `Add-MailboxPermission -Identity '${ALARM}' -User $application -AccessRights FullAccess`,
      ],
    });
    const { output, code } = await bed.run(["mailbox", "check", ALARM, "--send"]);
    assert.equal(code, 1);
    assert.match(output, /Microsoft said: 430 4\.2\.0/);
    assert.equal((await bed.json("mailbox", "show", ALARM)).state, "refused");
  });

  await t.step("Exchange Online does not know the application", async () => {
    directory.revoke({ kind: "ServicePrincipal", trustee: CLIENT_ID, tenant: "contoso.example" });
    const { output } = await bed.run(["check", "--json"]);
    const { findings } = JSON.parse(output).checks.find(({ name }: { name: string }) =>
      name === "app-only mailboxes"
    );
    assert.deepEqual(findings.map(({ status }: { status: string }) => status), [
      "failure",
      "failure",
    ]);
    assert.match(findings[0].remedy, /mailbox check alarm@contoso\.example/);
    const [proof] = await check(bed, SCANNER);
    assert.equal(proof?.explanation?.code, "535 5.7.3");
    const line = `New-ServicePrincipal -AppId '${CLIENT_ID}' -ObjectId '${OBJECT_ID}' ` +
      "-DisplayName 'smtp-oauth2-proxy'";
    assert.ok(proof.commands?.lines.includes(line), proof.commands?.lines.join("\n") ?? "");
    directory.grant({ kind: "ServicePrincipal", trustee: CLIENT_ID, tenant: "contoso.example" });
    assert.equal((await check(bed, SCANNER))[0]?.verdict, "good");
    assert.equal((await bed.json("mailbox", "show", SCANNER)).state, "active");
  });

  await t.step("nobody has consented", async () => {
    identityProvider.applications.update(CLIENT_ID, { sendAsAppTenants: [] });
    const [proof] = await check(bed, SCANNER);
    assert.equal(proof?.explanation?.code, "consent_missing");
    assert.deepEqual(proof.commands, {
      shell: "Azure Cloud Shell",
      lines: [`az ad app permission admin-consent --id '${CLIENT_ID}'`],
    });
    identityProvider.applications.update(CLIENT_ID, { sendAsAppTenants: [CONTOSO] });
  });

  await t.step("SMTP AUTH is switched off", async () => {
    troubles.set({ mailbox: SCANNER }, "smtp-auth-off-mailbox");
    const [proof] = await check(bed, SCANNER);
    assert.equal(proof?.explanation?.code, "535 5.7.139");
    assert.deepEqual(proof.commands?.lines, [
      "Connect-ExchangeOnline",
      `Set-CASMailbox -Identity '${SCANNER}' -SmtpClientAuthenticationDisabled $false`,
    ]);
    troubles.clear();
  });

  await t.step("the secret has ended", async () => {
    identityProvider.applications.update(CLIENT_ID, { secrets: [{ value: secret, endsAtMs: 1 }] });
    const [proof] = await check(bed, SCANNER);
    assert.deepEqual([proof?.verdict, proof?.explanation?.code], ["bad", "AADSTS7000222"]);
    assert.match(
      proof?.commands?.lines[0] ?? "",
      /^az ad app credential reset --id '.*' --append /,
    );
    identityProvider.applications.update(CLIENT_ID, { secrets: [{ value: secret }] });
  });

  await t.step("a server does not answer", async () => {
    await submissionServer.stop();
    assert.equal((await check(bed, SCANNER))[0]?.verdict, "open");
    await submissionServer.restart();
    await identityProvider.stop();
    const [proof] = await check(bed, SCANNER);
    assert.deepEqual([proof?.verdict, proof?.explanation?.code], ["open", "unreachable"]);
    await identityProvider.restart();
  });
});

Deno.test("check looks at what app-only mailboxes need beside people's accounts", async () => {
  await using bed = await openBed();
  const settings = { MICROSOFT_TENANT: "consumers", ALLOWED_DOMAINS_LIST: CONTOSO };
  const { output } = await bed.run(["check", "--json"], settings);
  const { checks } = JSON.parse(output);
  const filters = checks.find(({ name }: { name: string }) => name === "account filters");
  assert.equal(filters.findings[0].status, "ok", "the organisation's mailboxes match");
  const alone = { ...settings, APP_SECRETS: `${DEMO_APPLICATION.id}:${DEMO_APPLICATION.secret}` };
  const without = await bed.run(["check", "--json"], alone);
  assert.match(without.output, /names an organisation that MICROSOFT_TENANT/);
});

Deno.test("registration … prints what an administrator pastes", async () => {
  await using bed = await openBed();
  const lines = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await bed.json("registration", ...args)).lines;
  const people = (await lines("people")).join("\n");
  assert.ok(people.includes(`--web-redirect-uris '${bed.environment.PUBLIC_URL}/auth'`), people);
  assert.ok(people.includes("--sign-in-audience AzureADandPersonalMicrosoftAccount"), people);
  const given = ["--redirect-uri", "https://a.example/auth", "--tenant", "consumers"];
  const without = await bed.run(["registration", "people", ...given], { APP_SECRETS: "" });
  assert.match(without.output, /--sign-in-audience PersonalMicrosoftAccount/);

  const file = bed.path("app.crt");
  await Deno.writeTextFile(file, `${bed.simulation.certificateAuthority.certificate}\nhunter2`);
  const office = (await lines("organisation", SCANNER, "--certificate", file)).join("\n");
  assert.match(office, /-----BEGIN CERTIFICATE-----/);
  assert.doesNotMatch(office, /hunter2/);
  assert.match(office, /Add-MailboxPermission -Identity 'scanner@contoso\.example'/);
  await Deno.writeTextFile(file, "hunter2");
  const faulty = await bed.run(["registration", "organisation", "--certificate", file]);
  assert.equal(faulty.code, 66);

  await bed.json("mailbox", "add", SCANNER, ALARM);
  const exchange = await lines("exchange");
  assert.ok(exchange.includes(
    `New-ServicePrincipal -AppId '${CLIENT_ID}' -ObjectId '${OBJECT_ID}' -DisplayName 'smtp-oauth2-proxy'`,
  ));
  assert.equal(exchange.filter((line) => line.startsWith("Add-MailboxPermission")).length, 2);
  assert.equal((await lines("exchange", ALARM)).length, exchange.length - 2);
});

Deno.test("rules of an app password change while a device is connected, without another password", async () => {
  await using bed = await openBed();
  await bed.serve();
  await bed.json("mailbox", "add", SCANNER);
  const { id, password } = await bed.json("account", "password", "create", SCANNER, "copier");
  using client = await bed.logIn({ username: SCANNER, password });
  await client.envelope(SCANNER, ["a@example.com"]);
  const change = ["account", "password", "change", SCANNER, "copier"];
  const changed = await bed.json(
    ...change,
    ...["--recipients", "contoso.example", "--daily-limit", "1", "--always-mailbox"],
    ...["--name", "Copier 2"],
  );
  assert.deepEqual(
    [changed.id, changed.name, changed.senderRule, changed.allowedRecipients, changed.dailyLimit],
    [id, "Copier 2", "always", ["*@contoso.example"], 1],
  );
  assert.match(await client.data(MESSAGE), /^250 /, "the transaction that was open goes on");
  await client.expect("421");

  using next = await bed.logIn({ username: SCANNER, password });
  assert.match(await next.command("MAIL FROM:<scan@printer.example>"), /^250 /);
  assert.match(await next.command("RCPT TO:<a@example.com>"), /^550 5\.7\.1 /);
  assert.match(await next.command("RCPT TO:<a@contoso.example>"), /^452 4\.5\.3 /);
  change[4] = "Copier 2";
  const open = await bed.json(...change, "--recipients", "any", "--daily-limit", "any");
  assert.deepEqual([open.allowedRecipients, open.dailyLimit, open.senderRule], [
    ...[null, null, "always"],
  ]);
  assert.equal((await bed.json(...change, "--sender", "any")).senderRule, "any");
  assert.match(await send(bed, SCANNER, password), /^250 /);
  assert.equal((await bed.run(change)).code, 64, "nothing to change");
  assert.equal((await bed.run([...change, "--daily-limit", "0"])).code, 64);
  const trail = await bed.json("audit");
  assert.deepEqual(trail.map(({ action }: { action: string }) => action).slice(0, 4), [
    "changed the rules of an app password",
    "changed the rules of an app password",
    "renamed an app password",
    "changed the rules of an app password",
  ]);
});

Deno.test("app-only mailboxes need neither PUBLIC_URL nor a redirect URI", async () => {
  await using bed = await openBed();
  delete bed.environment.PUBLIC_URL;
  bed.environment.APP_SECRETS = `${CLIENT_ID}:${secret}`;
  bed.environment.MICROSOFT_TENANT = CONTOSO;
  const { applications } = bed.simulation.identityProvider;
  applications.update(CLIENT_ID, { redirectUris: [] });
  await bed.serve();
  const [added] = await bed.json("mailbox", "add", SCANNER, "--app-password", "scanner");
  assert.match(await send(bed, SCANNER, added.appPassword), /^250 /);
  const [{ verdict }] = await bed.json("mailbox", "check", SCANNER, "--send");
  assert.equal(verdict, "good");
  const { url } = await bed.json("admin", "link");
  const page = await fetch(url);
  assert.match(await page.text(), /Open the administration/);
});

/** The file that `Get-Mailbox … | Export-Csv mailboxes.csv -NoTypeInformation` writes. */
const EXPORTED = `"PrimarySmtpAddress","DisplayName"\r\n"${SCANNER}","Scanner"\r\n`;

/** Returns the lines of the shell blocks of a document, continued lines joined. */
function shellLines(document: string): string[] {
  const blocks = [...document.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].map(([, block = ""]) =>
    block
  );
  return blocks.join("").replaceAll(/\\\n\s*/g, "").split("\n").map((line) => line.trim());
}

Deno.test({
  name: "docs/organisation.md: its commands work one after the other, as they are written",
  ...requireProgram("openssl", "version"),
  async fn() {
    await using bed = await openBed();
    const { directory } = bed.simulation;
    directory.grant({ kind: "FullAccess", trustee: CLIENT_ID, mailbox: ALARM });
    await Deno.writeTextFile(bed.path("mailboxes.csv"), EXPORTED);
    const document = (await Deno.readTextFile("docs/organisation.md"))
      .replaceAll("contoso.com", "contoso.example")
      .replaceAll("/etc/smtp-oauth2-proxy", bed.directory)
      .replaceAll("mailboxes.csv", bed.path("mailboxes.csv"));
    const lines = shellLines(document);
    const [openssl = ""] = lines.filter((line) => line.startsWith("openssl "));
    const { code, output } = await run("sh", ["-c", openssl]);
    assert.equal(code, 0, output);
    const commands = lines.filter((line) => line.startsWith("smtp-oauth2-proxy "));
    assert.ok(commands.length >= 7, commands.join("\n"));
    for (const command of commands) {
      const [, ...args] = [...command.matchAll(/"([^"]*)"|(\S+)/g)]
        .map(([, quoted, plain]) => quoted ?? plain!);
      const ended = await bed.run(args);
      assert.equal(ended.code, 0, `${command}\n${ended.output}${ended.errors}`);
    }
    const [password] = await bed.json("account", "password", "list", SCANNER);
    assert.deepEqual(password.allowedRecipients, ["*@contoso.example"]);
  },
});
