import { type Config, SETTINGS } from "../../config/mod.ts";
import { risksOf } from "../../program/mod.ts";
import { type Check, ok, warning } from "./finding.ts";

/** The settings, which are valid already: what is risky about them. */
export function settingsCheck(config: Config): Check {
  return {
    name: "settings",
    run: () => {
      const risks = risksOf(config).map(({ text, remedy }) => warning(text, remedy));
      return Promise.resolve([ok(`all of ${SETTINGS.length} settings are valid`), ...risks]);
    },
  };
}
