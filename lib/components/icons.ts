/**
 * Icons of Lucide (https://lucide.dev, ISC License, © Lucide Contributors). Made by tools/icons.ts.
 *
 * @module
 */

/** The shapes of an icon of 24 × 24, drawn with strokes. */
export type IconShapes = readonly (readonly [tag: string, attributes: Record<string, string>])[];

export const activity: IconShapes = [["path", {
  "d":
    "M22 12h-2.48a2 2 0 0 0-1.93 1.46l-2.35 8.36a.25.25 0 0 1-.48 0L9.24 2.18a.25.25 0 0 0-.48 0l-2.35 8.36A2 2 0 0 1 4.49 12H2",
}]];

export const bookOpen: IconShapes = [["path", { "d": "M12 5v16" }], ["path", {
  "d":
    "M20.001 19A2 2 0 0022 17V5a2 2 0 00-1.999-2L16 3.002A5 5 0 0012 5a5 5 0 00-4-2H4a2 2 0 00-2 2v12a2 2 0 001.999 2H8a5 5 0 014 2 5 5 0 014-2z",
}]];

export const check: IconShapes = [["path", { "d": "M20 6 9 17l-5-5" }]];

export const circleAlert: IconShapes = [["circle", { "cx": "12", "cy": "12", "r": "10" }], [
  "line",
  { "x1": "12", "x2": "12", "y1": "8", "y2": "12" },
], ["line", { "x1": "12", "x2": "12.01", "y1": "16", "y2": "16" }]];

export const circleCheck: IconShapes = [["circle", { "cx": "12", "cy": "12", "r": "10" }], [
  "path",
  { "d": "m16 9-5.5 5.5L8 12" },
]];

export const circleX: IconShapes = [["circle", { "cx": "12", "cy": "12", "r": "10" }], ["path", {
  "d": "m15 9-6 6",
}], ["path", { "d": "m9 9 6 6" }]];

export const clock: IconShapes = [["circle", { "cx": "12", "cy": "12", "r": "10" }], ["path", {
  "d": "M12 6v6l4 2",
}]];

export const copy: IconShapes = [["rect", {
  "width": "14",
  "height": "14",
  "x": "8",
  "y": "8",
  "rx": "2",
  "ry": "2",
}], ["path", { "d": "M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2" }]];

export const download: IconShapes = [["path", { "d": "M12 15V3" }], ["path", {
  "d": "M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4",
}], ["path", { "d": "m7 10 5 5 5-5" }]];

export const keyRound: IconShapes = [["path", {
  "d":
    "M2.586 17.414A2 2 0 0 0 2 18.828V21a1 1 0 0 0 1 1h3a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h1a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h.172a2 2 0 0 0 1.414-.586l.814-.814a6.5 6.5 0 1 0-4-4z",
}], ["circle", { "cx": "16.5", "cy": "7.5", "r": ".5", "fill": "currentColor" }]];

export const lock: IconShapes = [["rect", {
  "width": "18",
  "height": "11",
  "x": "3",
  "y": "11",
  "rx": "2",
  "ry": "2",
}], ["path", { "d": "M7 11V7a5 5 0 0 1 10 0v4" }]];

export const logOut: IconShapes = [["path", { "d": "m16 17 5-5-5-5" }], ["path", {
  "d": "M21 12H9",
}], ["path", { "d": "M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4" }]];

export const menu: IconShapes = [["path", { "d": "M4 5h16" }], ["path", { "d": "M4 12h16" }], [
  "path",
  { "d": "M4 19h16" },
]];

export const printer: IconShapes = [
  ["path", { "d": "M6 18H4a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-2" }],
  ["path", { "d": "M6 9V3a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v6" }],
  ["rect", { "x": "6", "y": "14", "width": "12", "height": "8", "rx": "1" }],
];

export const refreshCw: IconShapes = [
  ["path", { "d": "M3 12a9 9 0 0 1 9-9 9.75 9.75 0 0 1 6.74 2.74L21 8" }],
  ["path", { "d": "M21 3v5h-5" }],
  ["path", { "d": "M21 12a9 9 0 0 1-9 9 9.75 9.75 0 0 1-6.74-2.74L3 16" }],
  ["path", { "d": "M8 16H3v5" }],
];

export const search: IconShapes = [["path", { "d": "m21 21-4.34-4.34" }], ["circle", {
  "cx": "11",
  "cy": "11",
  "r": "8",
}]];

export const send: IconShapes = [["path", {
  "d":
    "M14.536 21.686a.5.5 0 0 0 .937-.024l6.5-19a.496.496 0 0 0-.635-.635l-19 6.5a.5.5 0 0 0-.024.937l7.93 3.18a2 2 0 0 1 1.112 1.11z",
}], ["path", { "d": "m21.854 2.147-10.94 10.939" }]];

export const settings: IconShapes = [["path", {
  "d":
    "M9.671 4.136a2.34 2.34 0 0 1 4.659 0 2.34 2.34 0 0 0 3.319 1.915 2.34 2.34 0 0 1 2.33 4.033 2.34 2.34 0 0 0 0 3.831 2.34 2.34 0 0 1-2.33 4.033 2.34 2.34 0 0 0-3.319 1.915 2.34 2.34 0 0 1-4.659 0 2.34 2.34 0 0 0-3.32-1.915 2.34 2.34 0 0 1-2.33-4.033 2.34 2.34 0 0 0 0-3.831A2.34 2.34 0 0 1 6.35 6.051a2.34 2.34 0 0 0 3.319-1.915",
}], ["circle", { "cx": "12", "cy": "12", "r": "3" }]];

export const triangleAlert: IconShapes = [
  ["path", { "d": "m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3" }],
  ["path", { "d": "M12 9v4" }],
  ["path", { "d": "M12 17h.01" }],
];

export const unplug: IconShapes = [
  ["path", { "d": "m19 5 3-3" }],
  ["path", { "d": "m2 22 3-3" }],
  ["path", { "d": "M6.3 20.3a2.4 2.4 0 0 0 3.4 0L12 18l-6-6-2.3 2.3a2.4 2.4 0 0 0 0 3.4Z" }],
  ["path", { "d": "M7.5 13.5 10 11" }],
  ["path", { "d": "M10.5 16.5 13 14" }],
  ["path", { "d": "m12 6 6 6 2.3-2.3a2.4 2.4 0 0 0 0-3.4l-2.6-2.6a2.4 2.4 0 0 0-3.4 0Z" }],
];

export const user: IconShapes = [["path", { "d": "M19 21v-2a4 4 0 0 0-4-4H9a4 4 0 0 0-4 4v2" }], [
  "circle",
  { "cx": "12", "cy": "7", "r": "4" },
]];
