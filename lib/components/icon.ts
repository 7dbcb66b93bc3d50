import { h } from "preact";
import type { IconShapes } from "./icons.ts";

/** An icon. It only repeats what the text beside it says, so screen readers pass over it. */
export function Icon(
  { shapes, class: className = "" }: { shapes: IconShapes; class?: string },
) {
  return h(
    "svg",
    {
      ...{ class: `icon ${className}`.trim(), viewBox: "0 0 24 24", width: 20, height: 20 },
      ...{ fill: "none", stroke: "currentColor", "stroke-width": 2 },
      ...{ "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": true },
    },
    shapes.map(([tag, attributes]) => h(tag, attributes)),
  );
}
