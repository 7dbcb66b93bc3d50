import assert from "node:assert/strict";
import { join } from "node:path";
import { parseEnvFile } from "../config/environment.ts";
import { SettingsReader } from "../config/reader.ts";
import { parseRegistrations } from "../config/registrations.ts";
import { exchangeLines, organisationRegistrationScript, peopleRegistrationScript } from "./mod.ts";
import { powershellLiteral, shellLiteral } from "./quote.ts";

const APPLICATION = "11111111-2222-4333-8444-555555555555";
const SERVICE_PRINCIPAL = "aaaaaaaa-2222-4333-8444-555555555555";
const TENANT = "bbbbbbbb-2222-4333-8444-555555555555";
const SECRET = "Ab8Q~x_y.z-0";

/** Answers as the Azure CLI does, and notes each call: its arguments, one a line, and a line of dashes. */
const FAKE_AZ = `#!/bin/bash
printf '%s\\n' "$@" ---- >> "$CALLS"
case "$*" in
  *"oauth2PermissionScopes"*) echo '[{"id": "s1", "type": "Scope"}]' ;;
  *"appRoles"*) echo role-1 ;;
  "ad app create"*) echo ${APPLICATION} ;;
  "ad sp create"*) echo ${SERVICE_PRINCIPAL} ;;
  *"appOwnerOrganizationId"*) echo ${TENANT} ;;
  *"admin-consent"*) [ -f "$CALLS.known" ] || { touch "$CALLS.known"; exit 1; } ;;
  *"--cert"*) for one; do case "$one" in @*) cp "\${one#@}" "$CALLS.cert" ;; esac; done ;;
  "ad app credential reset"*) echo '${SECRET}' ;;
esac
`;

const hasBash = await isThere("/bin/bash");

async function isThere(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** The effects of a script. */
interface Run {
  readonly output: string;
  /** The arguments of each call of the Azure CLI. */
  readonly calls: readonly (readonly string[])[];
  /** The certificate that was uploaded. */
  readonly certificate?: string;
}

/** Pastes a script into a shell with a pretended Azure CLI. */
async function paste(script: readonly string[]): Promise<Run> {
  const directory = await Deno.makeTempDir();
  try {
    const calls = join(directory, "calls");
    for (const [name, text] of [["az", FAKE_AZ], ["sleep", "#!/bin/bash\n"]] as const) {
      await Deno.writeTextFile(join(directory, name), text, { mode: 0o755 });
    }
    const PATH = `${directory}:${Deno.env.get("PATH")}`;
    const { success, stdout, stderr } = await new Deno.Command("/bin/bash", {
      args: ["-c", script.join("\n")],
      env: { PATH, CALLS: calls },
    }).output();
    const text = new TextDecoder();
    assert.ok(success, text.decode(stderr));
    const noted = (await Deno.readTextFile(calls)).split("----\n").slice(0, -1);
    return {
      output: text.decode(stdout),
      calls: noted.map((call) => call.trimEnd().split("\n")),
      certificate: await Deno.readTextFile(`${calls}.cert`).catch(() => undefined),
    };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Reads the printed settings as the program does. */
function registrationsIn(output: string) {
  const settings = output.split("\n").filter((line) => /^[A-Z_]+=/.test(line)).join("\n");
  const environment = parseEnvFile(settings);
  const reader = new SettingsReader(environment, () => "");
  const registrations = parseRegistrations(reader, environment.MICROSOFT_TENANT ?? "consumers");
  return { registrations, environment, problems: reader.problems };
}

function optionIn(call: readonly string[] | undefined, name: string): string | undefined {
  const index = call?.indexOf(name) ?? -1;
  return index < 0 ? undefined : call![index + 1];
}

Deno.test({
  name: "the script for people makes a registration, and prints settings that the program takes",
  ignore: !hasBash,
  fn: async () => {
    const audiences = {
      consumers: "PersonalMicrosoftAccount",
      common: "AzureADandPersonalMicrosoftAccount",
      organizations: "AzureADMultipleOrgs",
      [TENANT]: "AzureADMyOrg",
    };
    for (const [tenant, audience] of Object.entries(audiences)) {
      const { output, calls } = await paste(peopleRegistrationScript({
        name: "Nora's mail",
        redirectUri: "https://mail.example.com/auth",
        tenant,
      }));
      const created = calls.find((call) => call[2] === "create");
      assert.equal(optionIn(created, "--display-name"), "Nora's mail");
      assert.equal(optionIn(created, "--sign-in-audience"), audience);
      assert.equal(optionIn(created, "--web-redirect-uris"), "https://mail.example.com/auth");
      assert.deepEqual(JSON.parse(optionIn(created, "--required-resource-accesses")!), [{
        resourceAppId: "00000003-0000-0000-c000-000000000000",
        resourceAccess: [{ id: "s1", type: "Scope" }],
      }]);
      assert.equal(created!.includes("--optional-claims"), tenant !== "consumers");
      const query = optionIn(calls[0], "--query");
      assert.match(query!, /contains\(`\["SMTP\.Send","offline_access",.*\]`, value\)/);
      const { registrations: [registration], environment, problems } = registrationsIn(output);
      assert.deepEqual(problems, []);
      assert.equal(registration?.clientId, APPLICATION);
      assert.equal(registration.tenant, tenant);
      const { authentication } = registration;
      assert.ok(authentication.kind === "secret");
      assert.equal(authentication.secret.reveal(), SECRET);
      assert.ok(authentication.expiresAtMs! > Date.now());
      assert.equal(environment.MICROSOFT_TENANT, tenant);
    }
  },
});

Deno.test({
  name:
    "the script for an organisation makes a registration with consent, and prints what comes next",
  ignore: !hasBash,
  fn: async () => {
    const mailboxes = ["scanner@contoso.example", "o'neil$x@contoso.example"];
    const { output, calls } = await paste(organisationRegistrationScript({
      name: "Contoso's printers",
      mailboxes,
    }));
    const created = calls.find((call) => call[1] === "app" && call[2] === "create");
    assert.equal(optionIn(created, "--display-name"), "Contoso's printers");
    assert.equal(optionIn(created, "--sign-in-audience"), "AzureADMyOrg");
    assert.deepEqual(JSON.parse(optionIn(created, "--required-resource-accesses")!), [{
      resourceAppId: "00000002-0000-0ff1-ce00-000000000000",
      resourceAccess: [{ id: "role-1", type: "Role" }],
    }]);
    const consents = calls.filter((call) => call.includes("admin-consent"));
    assert.equal(consents.length, 2, "tried again, as Microsoft did not know the application yet");
    const { registrations: [registration], problems } = registrationsIn(output);
    assert.deepEqual(problems, []);
    assert.equal(registration?.tenant, TENANT);
    assert.equal(registration.authentication.kind, "secret");
    const application = { clientId: APPLICATION, servicePrincipalId: SERVICE_PRINCIPAL };
    assert.ok(output.includes(exchangeLines(application, mailboxes).join("\n")), output);
  },
});

Deno.test({
  name: "the script for an organisation uploads a certificate, whose key never leaves the proxy",
  ignore: !hasBash,
  fn: async () => {
    const certificate =
      "-----BEGIN CERTIFICATE-----\nabc$(touch x)`y`\n-----END CERTIFICATE-----\n";
    const { output, calls, certificate: uploaded } = await paste(organisationRegistrationScript({
      name: "printers",
      certificate,
    }));
    assert.equal(uploaded, certificate);
    assert.ok(!calls.some((call) => call.includes("password")));
    assert.match(output, new RegExp(`^APP_CERT_FILES=${APPLICATION}@${TENANT}:/`, "m"));
    assert.match(output, new RegExp(`^APP_KEY_FILES=${APPLICATION}:/`, "m"));
  },
});

Deno.test("exchangeLines() fills in every value, or says where an unknown one is found", () => {
  const mailboxes = ["a@contoso.example", "b@contoso.example"];
  const all = exchangeLines({ clientId: "app", servicePrincipalId: "object" }, mailboxes);
  assert.deepEqual(all, [
    "Connect-ExchangeOnline",
    "# If the application is known already, with another object ID: Remove-ServicePrincipal -Identity 'app'",
    "New-ServicePrincipal -AppId 'app' -ObjectId 'object' -DisplayName 'smtp-oauth2-proxy'",
    "$application = (Get-ServicePrincipal -Identity 'app').Identity",
    "Add-MailboxPermission -Identity 'a@contoso.example' -User $application -AccessRights FullAccess",
    "Add-MailboxPermission -Identity 'b@contoso.example' -User $application -AccessRights FullAccess",
    "Set-CASMailbox -Identity 'a@contoso.example' -SmtpClientAuthenticationDisabled $false",
    "Set-CASMailbox -Identity 'b@contoso.example' -SmtpClientAuthenticationDisabled $false",
  ]);
  const unknown = exchangeLines({ clientId: "app" }, mailboxes, ["service-principal"]);
  assert.match(unknown.join("\n"), /# The object ID is on the page of the enterprise application/);
  assert.match(unknown.at(-1)!, /-ObjectId 'OBJECT-ID-OF-THE-ENTERPRISE-APPLICATION'/);
});

Deno.test("literals quote everything that ends them", () => {
  assert.equal(shellLiteral("it's $HOME"), `'it'\\''s $HOME'`);
  assert.equal(powershellLiteral("it's ‘so’ $x"), "'it''s ‘‘so’’ $x'");
});
