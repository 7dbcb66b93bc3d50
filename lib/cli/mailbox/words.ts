/** Name of a parameter that selects an app-only mailbox. */
export const MAILBOX = "MAILBOX";
/** Explanation of that parameter. */
export const MAILBOX_MEANING =
  "MAILBOX is its address, its short name, or the ID that `mailbox list --json` shows.";
