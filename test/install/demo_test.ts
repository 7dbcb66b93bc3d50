/**
 * Somebody who has nothing but Deno tries the product, as README.md says: `deno task dev`, a browser, and nothing else.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ScriptedBrowser } from "../../tools/simulate/browser.ts";
import { honouredSettings } from "../../tools/simulate/demo.ts";
import { cloneInto } from "./clone.ts";
import { requireProgram } from "../programs.ts";
import { RunningProgram } from "../running_program.ts";
import { NORA } from "../testbed.ts";

Deno.test("honouredSettings() takes what makes sense without Microsoft", () => {
  const own = {
    HTTP_PORT: "8080",
    LOG_LEVEL: "debug",
    ALLOWED_EMAILS_LIST: NORA,
    SMTP_MAX_RECIPIENTS: "5",
    SMTP_STARTTLS_PORT: "587",
    SQLITE_PATH: "/var/lib/db.sqlite",
    MICROSOFT_TENANT: "consumers",
    PATH: "/bin",
  };
  const taken = ["ALLOWED_EMAILS_LIST", "HTTP_PORT", "LOG_LEVEL", "SMTP_MAX_RECIPIENTS"];
  assert.deepEqual(Object.keys(honouredSettings(own)).toSorted(), taken);
});

Deno.test("from the clone to the first mail of the demo it takes one command and a line of its pages", async () => {
  const readme = await Deno.readTextFile("README.md");
  const [, demo = ""] = /^## Try it.*?```sh\n(.*?)```\n(?=\nOpen )/ms.exec(readme) ?? [];
  assert.match(demo, /^npx --yes deno@\S+ task dev .*\n$/);
});

/** Options of a command in a clone, with a cache that is empty at first. */
function inClone(cwd: string): Deno.CommandOptions {
  const env = { DENO_DIR: join(cwd, ".deno"), NO_COLOR: "1" };
  return { cwd, env, stdin: "null", stdout: "piped", stderr: "piped" };
}

/** Runs a task to its end. @returns what it printed. */
async function task(cwd: string, ...args: string[]): Promise<string> {
  const { code, log } = await RunningProgram.toItsEnd(
    new Deno.Command(Deno.execPath(), { ...inClone(cwd), args: ["task", "--quiet", ...args] }),
  );
  assert.equal(code, 0, `${args.join(" ")}\n${log}`);
  return log;
}

/** Signs Nora in, and makes an app password. */
async function signIn(browser: ScriptedBrowser, url: string): Promise<string> {
  const signInPage = await browser.get(`${url}/auth`);
  await browser.post(signInPage.url, { address: NORA });
  const { text } = await browser.post(`${url}/account/passwords`, { name: "Test" });
  const [, password = ""] = /id="(?:app-)?password"[^>]*>([^<]+)</.exec(text) ?? [];
  assert.notEqual(password, "", text);
  return password;
}

Deno.test({
  name: "the demo says last where to go, shows what it is, and its tasks need no flags",
  ...requireProgram("git"),
  async fn() {
    const clone = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_demo_" });
    await cloneInto(clone);
    await Deno.writeTextFile(join(clone, ".env"), "SMTP_MAX_RECIPIENTS=200\n");
    const command = new Deno.Command(Deno.execPath(), { ...inClone(clone), args: ["task", "dev"] });
    {
      await using demo = await RunningProgram.start(command);
      await demo.logs(/Open http\S+\s*$/);
      const [, url = ""] = /Open (http:\S+)/.exec(demo.log) ?? [];
      const [, caFile = ""] = /Authority {3}(\S+)/.exec(demo.log) ?? [];
      const [, port = ""] = /(\d+) STARTTLS/.exec(demo.log) ?? [];
      assert.match(demo.log, /Your own {4}SMTP_MAX_RECIPIENTS/);

      const browser = new ScriptedBrowser();
      const password = await signIn(browser, url);
      for (const path of ["/", "/account", "/admin", "/guides/curl"]) {
        const { status, text } = await browser.get(url + path);
        assert.equal(status, 200, path);
        assert.match(text, /Demo: no mail leaves this machine.*<a href="http:\/\/localhost/);
      }
      assert.ok((await browser.get(`${url}/guides/curl`)).text.includes(`--cacert ${caFile}`));

      const mailboxes = "scanner@contoso.example;Scanner\nsales@contoso.example\n";
      const organisation = await browser.post(`${url}/admin/organisation`, { mailboxes });
      assert.match(organisation.text, /2 mailboxes are added/);
      const checked = await browser.post(`${url}/admin/organisation/check`, { send: "yes" });
      assert.match(checked.text, /1 of 2 can send.*sales@contoso.*Add-MailboxPermission/s);
      assert.match(await task(clone, "demo:cli", "account", "list"), new RegExp(NORA));
      const direct = ["send", `localhost:${port}`, NORA, password, "a@example.com"];
      assert.match(await task(clone, ...direct, "--starttls"), /Sent: 250/);
      assert.match(await task(clone, "send", "--db", NORA, "a@example.com"), /Sent: 250/);
      assert.match(
        await task(clone, "test-send-db", `Nora <${NORA}>`, "A <a@example.com>"),
        /Sent: Microsoft has accepted/,
      );
    }
    await Deno.remove(clone, { recursive: true });
  },
});
