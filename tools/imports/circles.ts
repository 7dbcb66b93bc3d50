/**
 * Finds circles in a graph.
 *
 * @module
 */

/** The neighbours of each node. */
type Graph = ReadonlyMap<string, Iterable<string>>;

/**
 * Returns the groups of nodes that reach each other, each sorted: its strongly connected components of more than one node,
 * by Tarjan's algorithm. Neighbours that are no nodes are passed over.
 */
export function findCircles(graph: Graph): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];

  function visit(node: string): void {
    order.set(node, order.size);
    lowest.set(node, order.get(node)!);
    open.push(node);
    for (const next of graph.get(node)!) {
      if (!graph.has(next)) continue;
      if (!order.has(next)) visit(next);
      if (open.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const group = open.splice(open.indexOf(node));
    if (group.length > 1) circles.push(group.sort());
  }

  for (const node of graph.keys()) {
    if (!order.has(node)) visit(node);
  }
  return circles;
}
