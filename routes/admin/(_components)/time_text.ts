/** Points in time in UTC, for charts: a label for a span of time that is counted in UTC. */

/** Such as `14:00`. */
export function hourText(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}

/** Such as `2026-11-22`. */
export function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
