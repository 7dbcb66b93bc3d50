import assert from "node:assert/strict";
import type { RegistrationStatus } from "../microsoft/mod.ts";
import { NotAllowedError, type SignUpRefusal } from "../sign_in/mod.ts";
import { withAccounts } from "./testing.ts";
import { InputError } from "./input.ts";
import { Mailboxes } from "./mailboxes.ts";

const TENANT = "22222222-2222-4222-8222-222222222222";

function registration(clientId: string, tenant: string, sendsForMailboxes = true) {
  return { clientId, tenant, authentication: "certificate", sendsForMailboxes } as const;
}

/** Runs a test with mailboxes of an organisation. @param refusal That of the account filters. */
function withMailboxes(
  registrations: readonly RegistrationStatus[],
  test: (mailboxes: Mailboxes) => Promise<void>,
  refusal?: SignUpRefusal,
): Promise<void> {
  return withAccounts(async ({ store, accounts, clock }) => {
    const unused = () => Promise.reject(new Error("unused"));
    const microsoft = {
      registrations: () => registrations,
      tenantIdOf: () => Promise.resolve(TENANT),
      applicationToken: unused,
    };
    const mailboxes = new Mailboxes({
      ...{ store, accounts, microsoft, clock, tokens: { accessToken: unused } },
      signUpPolicy: { refusal: () => refusal },
      greetingName: "proxy.example",
    });
    await test(mailboxes);
  });
}

function fails(field: string, text: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.equal(error.field, field);
    assert.match(error.message, text);
    return true;
  };
}

Deno.test("add() takes the only registration that can send for mailboxes", () =>
  withMailboxes(
    [registration("people", "common", false), registration("office", TENANT)],
    async (mailboxes) => {
      const entered = { address: " Scanner@contoso.example ", displayName: " Scanner " };
      const { account, created } = await mailboxes.add(entered);
      const { email, signInName, displayName, clientId, tenantId, objectId, appOnly } = account;
      assert.deepEqual({ created, email, signInName, displayName, clientId, tenantId }, {
        created: true,
        email: "Scanner@contoso.example",
        signInName: "Scanner@contoso.example",
        displayName: "Scanner",
        clientId: "office",
        tenantId: TENANT,
      });
      assert.deepEqual([objectId, appOnly], ["scanner@contoso.example", true]);
    },
  ));

Deno.test("add() chooses among several registrations by the domain, or by what was chosen", () =>
  withMailboxes(
    [registration("contoso", "contoso.example"), registration("fabrikam", TENANT)],
    async (mailboxes) => {
      const clientOf = async (address: string, clientId?: string) =>
        (await mailboxes.add({ address, clientId })).account.clientId;
      assert.equal(await clientOf("a@Contoso.example"), "contoso");
      assert.equal(await clientOf("a@fabrikam.example", "fabrikam"), "fabrikam");
      await assert.rejects(clientOf("a@fabrikam.example"), fails("registration", /Choose/));
      await assert.rejects(clientOf("a@b.example", "other"), fails("registration", /other is not/));
    },
  ));

Deno.test("add() refuses what is not an address, and says what to configure where nothing can send", () =>
  withMailboxes([registration("people", "common", false)], async (mailboxes) => {
    for (const address of ["", "scanner", "a@b@c.example", "*@contoso.example", "a b@c.example"]) {
      await assert.rejects(mailboxes.add({ address }), fails("mailbox", /is not an address/));
    }
    const address = "scanner@contoso.example";
    await assert.rejects(mailboxes.add({ address }), fails("registration", /APP_CERT_FILES/));
  }));

Deno.test("add() holds mailboxes to the account filters", () =>
  withMailboxes([registration("office", TENANT)], async (mailboxes) => {
    const added = mailboxes.add({ address: "scanner@contoso.example" });
    await assert.rejects(added, NotAllowedError);
  }, { setting: "ALLOWED_DOMAINS_LIST", entry: "scanner@contoso.example" }));
