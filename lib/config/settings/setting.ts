/** Whole numbers that a setting allows. */
export interface Range {
  readonly min: number;
  readonly max: number;
  /** The unit in the plural; absent for a number without one, such as a port. */
  readonly unit?: string;
}

/** One environment variable, as the parser checks it and the documentation describes it. */
export interface SettingRow {
  /** Its effect, in complete sentences. */
  readonly meaning: string;
  /** The value that applies if the variable is not set, as one would write it. */
  readonly default?: string;
  /** In words: what applies if the variable is not set and there is no fixed default. */
  readonly otherwise?: string;
  /** Words that it allows. */
  readonly choices?: readonly string[];
  /** Numbers that it allows. */
  readonly range?: Range;
  /** A sample value, where the default does not show one. */
  readonly example?: string;
}

/** The settings of one group, by name. */
export type SettingGroup = Readonly<Record<string, SettingRow>>;

/** Ports that TCP allows. */
export const PORT_RANGE = { min: 1, max: 65_535 } as const satisfies Range;
