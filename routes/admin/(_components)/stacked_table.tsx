import type { ComponentChildren, VNode } from "preact";

interface StackedTableProps {
  /** Read aloud, but not shown: a heading stands above. */
  readonly caption: string;
  /** The head of each column: its text, or a whole cell. */
  readonly columns: readonly (string | VNode)[];
  /** Of the table, beside `stacked`. */
  readonly class?: string;
  /** Rows. */
  readonly children: ComponentChildren;
}

/** A table whose rows become cards on phones: their cells have their column's name as `data-label`. */
export function StackedTable({ caption, columns, class: name, children }: StackedTableProps) {
  return (
    <table class={name ? `stacked ${name}` : "stacked"}>
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) =>
            typeof column === "string" ? <th key={column} scope="col">{column}</th> : column
          )}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}
