/** Name of the element around an island. */
export const ISLAND_ELEMENT = "fresh-island";
/** Id of the data block at the end of a page. */
export const ISLAND_DATA_ID = "fresh-islands";

/** An island as the browser knows it: an entry of the data block, in the order of `data-index`. */
export interface IslandData {
  /** Address of its script. */
  readonly script: string;
  readonly exportName: string;
  readonly props: Record<string, unknown>;
}
