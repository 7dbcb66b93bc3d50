import assert from "node:assert/strict";
import {
  LoginError,
  Reply,
  RuleRefusal,
  SlowSignIn,
  UpstreamError,
  UpstreamRefusal,
  UpstreamReply,
} from "../../smtp/mod.ts";
import { DeadSignIn, explainCause } from "../explain/mod.ts";
import { missingRegistration, temporary } from "../microsoft/mod.ts";
import { StoreError } from "../store/mod.ts";
import { SOME_CLIENT } from "../testing/smtp_events.ts";
import { causeOf } from "./cause.ts";
import { RefusalWatch } from "./refusal_watch.ts";

const BLOCKED = "Access denied, bad outbound sender";
const TRY_AGAIN = new Reply(454, "4.7.0", "Try again");

Deno.test("causeOf() tells our own replies from the upstream's, though they may look alike", () => {
  const ours = new Reply(550, "5.7.1", BLOCKED);
  const theirs = new UpstreamReply(550, "5.7.1", BLOCKED);
  assert.equal(causeOf(ours, undefined), "proxy:550 5.7.1");
  assert.equal(causeOf(theirs, undefined), `upstream:550 5.7.1 ${BLOCKED}`);
  assert.equal(causeOf(new UpstreamReply(250, "2.0.0", "OK"), undefined), undefined);
});

Deno.test("causeOf() finds the cause of one reply in what has failed", () => {
  const refused = new UpstreamReply(550, "5.1.8", BLOCKED);
  const expected: [error: unknown, title: RegExp][] = [
    [new LoginError("refused", "", { cause: new UpstreamRefusal(refused) }), /blocked the mailbox/],
    [new LoginError("sign-in-required", "", { cause: new DeadSignIn("AADSTS50173") }), /revoked/],
    [new LoginError("throttled", ""), /Too many failed logins/],
    [new LoginError("temporary", "", { cause: new SlowSignIn("after 8 s") }), /took too long/],
    [new LoginError("temporary", "", { cause: new StoreError("locked", "") }), /database/],
    [new LoginError("refused", "", { cause: new Error("not allowed") }), /may not use this proxy/],
    [new LoginError("invalid", ""), /app password is wrong/],
    [new RuleRefusal("recipient-rule"), /may not send to that recipient/],
    [new RuleRefusal("daily-limit"), /as many messages as it may/],
    [new UpstreamError("unreachable", ""), /cannot be reached/],
    [
      new UpstreamError("unreachable", "", { said: new Reply(421, "4.3.2", "Service not active") }),
      /not available/,
    ],
    [
      new UpstreamError("unreachable", "", {
        said: new Reply(501, "5.5.4", "Invalid domain name"),
      }),
      /does not accept the proxy's name/,
    ],
    [new LoginError("temporary", "", { cause: temporary("HTTP 503") }), /sign-in service is not/],
    [new LoginError("temporary", "", { cause: missingRegistration("id") }), /not configured/],
    [new UpstreamError("closed", ""), /was lost/],
    [new UpstreamError("insecure", ""), /not safe/],
  ];
  for (const [error, title] of expected) {
    assert.match(explainCause(causeOf(TRY_AGAIN, error))?.title ?? "", title);
  }
});

Deno.test("RefusalWatch tells a client of ours the first refusal of its own session", () => {
  const watch = new RefusalWatch();
  using watched = watch.watch("ours.localhost");
  const refuse = (helo: string, reply: Reply) =>
    watch.observe({ type: "command-refused", client: { ...SOME_CLIENT, helo }, reply });
  refuse("another.example", new Reply(550, "5.7.1", ""));
  assert.equal(watched.cause, undefined);
  refuse("ours.localhost", new Reply(552, "5.3.4", ""));
  refuse("ours.localhost", new Reply(421, "4.3.2", ""));
  assert.equal(watched.cause, "proxy:552 5.3.4");
});
