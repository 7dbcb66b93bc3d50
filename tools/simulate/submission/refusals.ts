/**
 * Refusals in the words of Microsoft's submission servers, in time or late.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Clock } from "../../../lib/base/mod.ts";
import { delay } from "../delay.ts";
import type { SubmissionStage } from "../troubles/stages.ts";
import { SUBMISSION_TROUBLES, type SubmissionTroubleId } from "../troubles/submission_troubles.ts";
import type { Subject, Troubles } from "../troubles/troubles.ts";

/** As Microsoft's servers name themselves in replies. */
const HOST = "SIMP000MB0001.SIMP000.PROD.OUTLOOK.EXAMPLE";
const TRACE_ID_OCTETS = 8;
/** Refusals that were seen to come late. */
const SLOW = /^535 5\.7\.(3|139) /;

/** Addresses that a reply may name. */
interface Named {
  readonly mailbox?: string;
  readonly sender?: string;
}

/** An error with the reply as npm's smtp-server wants it. */
class SmtpRefusal extends Error {
  override readonly name = "SmtpRefusal";
  readonly responseCode: number;

  /** @param reply One line, with reply code and enhanced status code. */
  constructor(reply: string) {
    super(reply.slice(4));
    this.responseCode = Number(reply.slice(0, 3));
  }
}

/** Refuses what a server does not take. */
export class Refusals {
  /** How late 535 5.7.3 and 535 5.7.139 come. */
  delayMs = 0;
  readonly #troubles: Troubles;
  readonly #clock: Clock;
  readonly #stopping: AbortSignal;

  /** @param stopping Aborted when the server stops: nothing is delayed any longer. */
  constructor(troubles: Troubles, clock: Clock, stopping: AbortSignal) {
    this.#troubles = troubles;
    this.#clock = clock;
    this.#stopping = stopping;
  }

  /** @throws {SmtpRefusal} the reply of the trouble that shows at a step, if there is one. */
  async meet(stage: SubmissionStage, subject: Subject, named: Named = {}): Promise<void> {
    const met = this.#troubles.meet(stage, subject);
    if (!met) return;
    if (met.delayMs > 0) await delay(this.#clock, met.delayMs, this.#stopping);
    await this.#reply(met.trouble.reply, named);
  }

  /** @throws {SmtpRefusal} always. */
  refuse(id: SubmissionTroubleId, named: Named = {}): Promise<never> {
    return this.#reply(SUBMISSION_TROUBLES[id].reply, named);
  }

  async #reply(template: string, { mailbox = "", sender = "" }: Named): Promise<never> {
    const isLate = this.delayMs > 0 && SLOW.test(template);
    if (isLate) await delay(this.#clock, this.delayMs, this.#stopping);
    const time = new Date(this.#clock.now()).toISOString();
    const id = randomBytes(TRACE_ID_OCTETS).toString("hex").toUpperCase();
    const values: Readonly<Record<string, string>> = {
      trace: `[${HOST} ${time} ${id}]`,
      host: HOST,
      mailbox,
      sender,
    };
    throw new SmtpRefusal(template.replaceAll(/\{(\w+)\}/g, (_match, name) => values[name] ?? ""));
  }
}
