export { ManualClock } from "../../smtp/testing/manual_clock.ts";
