/** The whole numbers that a setting allows. */
export interface Range {
  readonly min: number;
  readonly max: number;
  /** What is counted, in the plural; absent for a number that counts nothing, such as a port. */
  readonly unit?: string;
}

/** One environment variable: what the documentation says of it and what the parser checks. */
export interface Setting {
  readonly name: string;
  /** Heading under which it is documented. */
  readonly group: string;
  /** What it does, in sentences. */
  readonly meaning: string;
  /** The value that applies when the variable is not set, as one would write it. */
  readonly default?: string;
  /** In words: what applies when the variable is not set and there is no single default. */
  readonly otherwise?: string;
  /** The words it allows. */
  readonly choices?: readonly string[];
  /** The numbers it allows. */
  readonly range?: Range;
  /** What the value looks like where the default does not show it. */
  readonly example?: string;
}
