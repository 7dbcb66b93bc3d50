/**
 * Real time in tests: a faster clock, and work that stalls.
 *
 * @module
 */
import assert from "node:assert/strict";
import { systemClock } from "../../lib/base/mod.ts";
import { type Clock, pause } from "../clock.ts";

/** Returns the real clock with timers that are `factor` times as fast. */
export function fastClock(factor: number): Clock {
  return {
    now: systemClock.now,
    setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / factor, callback),
  };
}

/** Number of checks without progress after which work counts as stalled, and the time between two checks. */
const STALL_CHECKS = 20;
const CHECK_INTERVAL_MS = 5;

/**
 * Resolves when a count has stopped growing. It resolves early on a slow machine, so assertions after it must hold at any time.
 */
export async function stalls(count: () => number): Promise<void> {
  for (let checks = 0, last = count(); checks < STALL_CHECKS; checks++) {
    await pause(systemClock, CHECK_INTERVAL_MS);
    if (count() !== last) checks = 0;
    last = count();
  }
}

/** More than the system buffers on both sides together. */
const FLOOD_OCTETS = 24 * 1024 * 1024;
const FLOOD_PIECE_OCTETS = 256 * 1024;

/** Octets that are written to a peer that does not read. */
export class Flood {
  #written = 0;
  /** Resolves when all octets have been written. */
  readonly finished: Promise<void>;

  constructor(write: (octets: Uint8Array) => Promise<void>) {
    this.finished = this.#start(write);
  }

  async #start(write: (octets: Uint8Array) => Promise<void>): Promise<void> {
    const piece = new Uint8Array(FLOOD_PIECE_OCTETS);
    for (; this.#written < FLOOD_OCTETS; this.#written += piece.length) await write(piece);
  }

  /** Asserts that the writing stalls before its end. */
  async assertStalls(): Promise<void> {
    await stalls(() => this.#written);
    assert(this.#written < FLOOD_OCTETS, `${this.#written} octets were written, but none was read`);
  }

  /** Reads all octets, and waits until they have been written. */
  async drain(read: () => Promise<Uint8Array | null | undefined>): Promise<void> {
    for (let received = 0; received < FLOOD_OCTETS;) received += (await read())!.length;
    await this.finished;
    assert.equal(this.#written, FLOOD_OCTETS);
  }
}
