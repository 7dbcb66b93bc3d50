/**
 * A trouble as its owner meets it: the words of each place that tells of it.
 *
 * @module
 */
import { fail } from "node:assert/strict";
import { type FetchedPage, ScriptedBrowser } from "../tools/simulate/browser.ts";
import { SmtpClient, type SmtpLogin } from "../tools/smtp_client.ts";
import type { Testbed } from "./testbed.ts";

/** The words of each place. */
export interface Told {
  /** The reply to the device: to AUTH, or to the message. */
  readonly reply: string;
  /** The newest entry of the activity page. */
  readonly activity: string;
  readonly account: string;
  /** The verdict of the test mail; empty where the account page offers none. */
  readonly testMail: string;
  /** Lines about the account, the oldest first. */
  readonly log: readonly string[];
}

const MOST_READS = 100;
/** A client of this name waits eight seconds for the reply to AUTH, not thirty. */
const SHORT_TIMEOUT_NAME = "device.localhost";

/** An account with a device that sends, and a browser that has signed in. */
export class Owner {
  #loggedUpTo = 0;

  private constructor(
    readonly bed: Testbed,
    readonly address: string,
    readonly browser: ScriptedBrowser,
    readonly login: SmtpLogin,
  ) {}

  /** Signs in, and creates an app password. */
  static async signIn(bed: Testbed, address: string): Promise<Owner> {
    const browser = new ScriptedBrowser();
    const signInPage = await browser.get(`${bed.url}/auth`);
    await browser.post(signInPage.url, { address });
    const { text } = await browser.post(`${bed.url}/account/passwords`, { name: "Scanner" });
    const [, password] = /id="app-password"[^>]*>([^<]+)</.exec(text) ?? fail(visibleText(text));
    return new Owner(bed, address, browser, { username: address, password: password! });
  }

  /** Sends by the device, then reads what every place tells. */
  async tell(sender?: string): Promise<Told> {
    const { bed, address } = this;
    this.#loggedUpTo = bed.server.log.length;
    const reply = await this.send(sender);
    const activity = await this.#newestActivity();
    const page = (await this.#read("/account")).text;
    const testMail = page.includes('action="/account/test-mail"') ? await this.#testMail() : "";
    const account = await this.accountPage();
    const lines = bed.server.log.slice(this.#loggedUpTo).split("\n");
    const log = lines.filter((line) => line.includes(address));
    return { reply, activity: visibleText(activity), account, testMail, log };
  }

  /** Returns the text of the account page. */
  async accountPage(): Promise<string> {
    return visibleText((await this.#read("/account")).text);
  }

  /** Signs in with Microsoft again. Returns the page that the browser comes back to. */
  async signInAgain(): Promise<FetchedPage> {
    const signInPage = await this.browser.get(`${this.bed.url}/auth`);
    return await this.browser.post(signInPage.url, { address: this.address });
  }

  /** Sends one message. Returns the reply that decided. */
  async send(sender = this.address): Promise<string> {
    using client = await SmtpClient.connect({ port: this.bed.ports.smtp });
    await client.command(`EHLO ${SHORT_TIMEOUT_NAME}`);
    let reply = await client.authenticate(this.login);
    const commands = [
      `MAIL FROM:<${sender}>`,
      "RCPT TO:<someone@example.com>",
      "DATA",
      `From: <${sender}>\r\nSubject: Scan\r\n\r\nText\r\n.`,
    ];
    for (const command of commands) {
      if (/^[45]/.test(reply)) break;
      reply = await client.command(command);
    }
    return reply.trim();
  }

  /** A transaction is recorded when it has ended, which the device does not wait for. */
  async #newestActivity(): Promise<string> {
    for (let tries = 1;; tries++) {
      const { text } = await this.#read("/activity");
      const [newest] = /<li class="delivery [^]*?<\/li>/.exec(text) ?? [];
      if (newest) return newest;
      if (tries === MOST_READS) fail(`nothing on the activity page of ${this.address}`);
    }
  }

  #read(path: string) {
    return this.browser.get(`${this.bed.url}${path}`);
  }

  async #testMail(): Promise<string> {
    const { text } = await this.browser.post(`${this.bed.url}/account/test-mail`, {
      recipient: this.address,
    });
    return visibleText(partOf(text, /<div class="notice verdict[^]*?<\/div><\/div>/));
  }
}

function partOf(html: string, pattern: RegExp): string {
  return pattern.exec(html)?.[0] ?? fail(`The page lacks ${pattern}:\n${html}`);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&amp;": "&",
};

/** Returns the text of a page as it is read, in one line. */
export function visibleText(html: string): string {
  return html.replace(/<(script|style|template|head|svg)\b[^]*?<\/\1>|<!--[^]*?-->|<[^>]+>/g, " ")
    .replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity]!)
    .replace(/\s+/g, " ")
    .trim();
}
