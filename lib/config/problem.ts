/** One thing that is wrong with the configuration. It never carries the value of a secret. */
export interface Problem {
  /** The environment variable. */
  readonly variable: string;
  /** What is wrong, as a sentence without the variable's name. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** EX_CONFIG of `sysexits.h`: something is not configured properly. */
const EX_CONFIG = 78;

/** The configuration cannot be used. Its message lists every problem, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** The exit code for the program. */
  readonly exitCode = EX_CONFIG;

  constructor(readonly problems: readonly Problem[]) {
    super(
      problems.map(({ variable, message, remedy }) => `${variable}: ${message} ${remedy}`)
        .join("\n"),
    );
  }
}
