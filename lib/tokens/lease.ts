/**
 * The right to renew tokens, which one of several replicas has at a time.
 *
 * @module
 */
import { type Clock, pause, SECOND_MS } from "../base/mod.ts";
import { type AccessToken, condition } from "./renewal_schedule.ts";

/**
 * The answer to a claim. `held`: another replica renews these tokens now. `changed`: they have another version already.
 */
export type LeaseClaim = "claimed" | "held" | "changed";

/** The right to renew tokens, which one replica has at a time. */
export interface TokenLease {
  /** Asks for the right. @param id Names the tokens. @param version That of the tokens that this replica knows. */
  claim(id: string, version: number): Promise<LeaseClaim>;
  /** Gives the right up after a failure. Storing new tokens ends it, too. */
  release(id: string): Promise<void>;
}

/** The tokens to be renewed, as this replica knows them. */
interface KnownTokens {
  /** Undefined: they do not exist any more. */
  readonly version: number | undefined;
  readonly tokens: AccessToken | undefined;
}

/** Dependencies of {@linkcode claimRenewal}. */
interface ClaimOptions {
  readonly lease: TokenLease;
  readonly clock: Pick<Clock, "now" | "setTimer">;
  readonly id: string;
  known(): KnownTokens;
  /** Reads the newest tokens from the database. */
  load(): Promise<void>;
}

/** Pause between two attempts to store tokens: other replicas wait for them, and a restart would lose them. */
export const SAVE_INTERVAL_MS = 5 * SECOND_MS;
/** Pause between two looks at tokens that another replica renews. */
const POLL_MS = 200;

/** Waits for the right to renew; false if another replica has renewed meanwhile. */
export async function claimRenewal(options: ClaimOptions): Promise<boolean> {
  const { lease, clock, id, known, load } = options;
  const former = known().tokens?.accessToken;
  for (;;) {
    const { version } = known();
    if (version === undefined) return false;
    // While the database is away, Microsoft takes the same refresh token from several replicas.
    const claim = await lease.claim(id, version).catch((): LeaseClaim => "claimed");
    if (claim === "claimed") return true;
    if (claim === "held") await pause(clock, POLL_MS);
    else await load();
    const { tokens, version: newest } = known();
    // Tokens that cannot be read are replaced, if the database accepts that.
    if (claim === "changed" && newest === version) return true;
    // Tokens that another replica stored long ago may have expired, too.
    const isRenewed = tokens?.accessToken !== former;
    if (isRenewed && tokens && condition(tokens, clock.now()) === "fresh") return false;
  }
}

/** Gives the right up after a failure. Never rejects. */
export async function releaseLease(lease: TokenLease | undefined, id: string): Promise<void> {
  await lease?.release(id).catch(() => {
    // The database is away. This replica takes the lease up again, or the lease ends with it.
  });
}
