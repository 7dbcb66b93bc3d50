/**
 * The whole way of a person, in a real browser against the real program: from the start page to a mail that is sent, and
 * to the end of the app password.
 */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { NORA, Testbed } from "../testbed.ts";
import { deliver, DeliveryError } from "../../tools/send/mail_client.ts";
import { launchChromium, requireChromium, Tab } from "./chromium.ts";

const options = requireChromium();
const OFFICE = "office@contoso.example";

let bed: Testbed;
let browser: Browser;

Deno.test.beforeAll(async () => {
  if (options.ignore) return;
  bed = await Testbed.serving({ DISALLOWED_DOMAINS_LIST: "contoso.example" });
  browser = await launchChromium();
});
Deno.test.afterAll(async () => {
  if (options.ignore) return;
  await browser.close();
  await bed[Symbol.asyncDispose]();
});

function test(name: string, fn: (tab: Tab) => Promise<void>): void {
  Deno.test({
    name,
    ...options,
    async fn() {
      await using tab = await Tab.open(browser, bed.url);
      await fn(tab);
      tab.assertClean();
    },
  });
}

/** Sends a mail as a device does. */
function send(password: string, subject: string): Promise<string> {
  return deliver({
    host: "localhost",
    port: bed.ports.smtp,
    security: "plain",
    login: { user: NORA, password },
    from: NORA,
    to: ["someone@example.com"],
    subject,
    text: "Text",
  }, () => {});
}

test("sign in, create an app password, send with it, see it live, revoke it, be refused", async (tab) => {
  const { page } = tab;
  await tab.signIn(NORA);
  await page.waitForURL("**/account");
  assert.equal(await page.locator("#smtp-username").innerText(), NORA);
  const password = await tab.createAppPassword("Scanner");

  await tab.open("/activity");
  await page.getByText("Nothing has been sent yet.").waitFor();
  await page.getByText("Live: new deliveries appear automatically").waitFor();
  assert.match(await send(password, "Seen live"), /^250 /);
  const delivery = page.locator(".delivery");
  await delivery.getByText("Accepted").waitFor();
  assert.match(await delivery.innerText(), /Scanner/);

  await tab.open("/account");
  await page.getByRole("link", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByText("“Scanner” is revoked.").first().waitFor();
  await assert.rejects(send(password, "Refused"), (error) => {
    assert.ok(error instanceof DeliveryError);
    assert.match(error.message, /535 5\.7\.8/);
    return true;
  });
});

test("a test mail shows the dialogue as it happens, without the password", async (tab) => {
  const { page } = tab;
  await tab.signIn(NORA);
  const before = bed.simulation.submissionServer.store.messages.length;
  await page.getByRole("button", { name: "Send a test mail" }).click();
  await page.getByText("Microsoft has accepted the message").waitFor();
  await page.getByText("What the client and the server said").click();
  const dialogue = await page.locator(".dialogue").innerText();
  assert.match(dialogue, /The certificate is good for localhost/);
  assert.match(dialogue, /220 .*EHLO.*STARTTLS.*AUTH PLAIN ••••••••.*235 .*354 .*250 /s);
  assert.equal(bed.simulation.submissionServer.store.messages.length, before + 1);
  await page.reload();
  assert.equal(await page.locator(".password-head").count(), 0, "its app password is revoked");
});

test("the whole way is gone by the keyboard alone, with the focus in sight", async (tab) => {
  const { page } = tab;
  const enter = () => page.keyboard.press("Enter");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await tab.open("/");
  await tab.tabTo(page.getByRole("link", { name: "Sign in with Microsoft" }));
  await enter();
  await page.locator(`button[value="${NORA}"]`).waitFor();
  await tab.tabTo(page.locator(`button[value="${NORA}"]`));
  await enter();
  await page.waitForURL("**/account");
  await tab.awake();
  await tab.tabTo(page.getByLabel("Name of the device or program"));
  await page.keyboard.type("Server");
  await tab.tabTo(page.getByRole("button", { name: "Create an app password" }));
  await enter();
  await page.locator("#app-password").waitFor();
  await tab.awake();
  await tab.tabTo(page.getByRole("button", { name: "Copy app password" }));
  await enter();
  await page.getByText("Copied", { exact: true }).waitFor();
  await tab.tabTo(page.getByLabel("Device or program"));
  await page.keyboard.type("msmtp");
  await page.locator("#step-1-code").waitFor();
  await tab.tabTo(page.getByRole("button", { name: "I have saved it" }), "Shift+Tab");
  await enter();
  await page.getByText("“Server” is ready to use.").first().waitFor();
  await tab.awake();
  await tab.tabTo(page.getByRole("button", { name: "Send a test mail" }));
  await enter();
  await page.getByText("Microsoft has accepted the message").waitFor();
  await tab.tabTo(page.getByRole("link", { name: "Activity", exact: true }), "Shift+Tab");
  await enter();
  await page.waitForURL("**/activity");
  await tab.tabTo(page.getByLabel("Outcome"));
  await page.keyboard.type("Accepted");
  // The parts of a day and the button of its calendar are on the way.
  await tab.tabTo(page.getByRole("button", { name: "Search" }));
  await enter();
  await page.waitForURL("**outcome=accepted**");
  await page.getByText("the test mail of your account page").first().waitFor();
  await tab.awake();
  await tab.tabTo(page.getByRole("button", { name: "Sign out" }));
  await enter();
  await page.getByRole("link", { name: "Sign in with Microsoft" }).waitFor();
});

test("a test mail goes to the chosen recipient over the chosen port", async (tab) => {
  const { page } = tab;
  await tab.signIn(NORA);
  await page.getByLabel("Recipient", { exact: true }).fill("amara@fabrikam.example");
  const port = page.getByRole("combobox", { name: "Port" });
  assert.ok(await port.locator("option").count() > 1);
  await port.selectOption({ index: 1 });
  await page.getByRole("button", { name: "Send a test mail" }).click();
  await page.getByText("Microsoft has accepted the message").waitFor();
  assert.equal(await page.locator(".dialogue").isVisible(), false, "the dialogue is folded");
  const { recipients } = bed.simulation.submissionServer.store.last;
  assert.deepEqual(recipients.map(({ address }) => address), ["amara@fabrikam.example"]);
});

test("a copy button copies", async (tab) => {
  const { page } = tab;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await tab.signIn(NORA);
  await page.getByRole("button", { name: "Copy user name" }).click();
  await page.getByText("Copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), NORA);
});

test("cancelling at Microsoft leads back, and from there to the page first asked for", async (tab) => {
  const { page } = tab;
  await tab.open("/activity?outcome=refused");
  await page.getByText("Please sign in to see that page.").waitFor();
  await page.getByRole("link", { name: "Sign in with Microsoft" }).click();
  await page.locator('button[name="cancel"]').click();
  await page.getByRole("heading", { name: "The permission was declined" }).waitFor();
  await page.getByRole("link", { name: "Sign in with Microsoft" }).click();
  await page.locator(`button[value="${NORA}"]`).click();
  await page.waitForURL("**/activity?outcome=refused");
});

test("who may not register is told so", async (tab) => {
  await tab.signIn(OFFICE);
  await tab.page.getByRole("heading", { name: "This account may not use this proxy" }).waitFor();
  tab.forgive(403);
  assert.match(await tab.page.locator("main").innerText(), new RegExp(OFFICE));
});

test("an expired session says so, and sign-in leads back to the page", async (tab) => {
  const { page } = tab;
  await page.context().addCookies([{ name: "session", value: "old", url: bed.url }]);
  await tab.open("/activity");
  await page.getByText("Your session has expired.").waitFor();
  await page.getByRole("link", { name: "Sign in with Microsoft" }).click();
  await page.locator(`button[value="${NORA}"]`).click();
  await page.waitForURL("**/activity");
});

test("an expired session is renewed without a question while Microsoft's lives", async (tab) => {
  const { page } = tab;
  await tab.signIn(NORA);
  await page.context().addCookies([{ name: "session", value: "old", url: bed.url }]);
  await tab.open("/activity");
  await page.getByRole("link", { name: "Sign in with Microsoft" }).click();
  await page.waitForURL("**/activity");
});

Deno.test({
  name: "everything works without JavaScript",
  ...options,
  async fn() {
    await using tab = await Tab.open(browser, bed.url, { javaScriptEnabled: false });
    const { page } = tab;
    await tab.signIn(NORA);
    const password = await tab.createAppPassword("No script");
    assert.match(await send(password, "No script"), /^250 /);
    await tab.open("/activity");
    assert.match(await page.locator(".delivery").first().innerText(), /No script/);
    await tab.open("/account");
    await page.getByRole("button", { name: "Send a test mail" }).click();
    await page.getByText("Microsoft has accepted the message").waitFor();
    await tab.open("/account");
    await page.getByRole("link", { name: "Rename" }).first().click();
    await page.getByLabel("New name").fill("Other");
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByText("Other", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Delete account" }).click();
    await page.getByRole("button", { name: "Delete my account here" }).click();
    await page.getByRole("link", { name: "Sign in with Microsoft" }).waitFor();
    await assert.rejects(send(password, "Deleted"), DeliveryError);
  },
});
