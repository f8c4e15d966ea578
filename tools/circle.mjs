// @ts-check

/**
 * The first circle in a directed graph, as the list of its nodes with the first one again at the end; undefined when there is none.
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @returns {string[] | undefined}
 */
export function firstCircle(graph) {
  const done = new Set();
  for (const start of graph.keys()) {
    /** @type {string[]} */
    const way = [];
    const circle = follow(start, way);
    if (circle !== undefined) return circle;
  }
  return undefined;

  /** @param {string} node @param {string[]} way @returns {string[] | undefined} */
  function follow(node, way) {
    const at = way.indexOf(node);
    if (at !== -1) return [...way.slice(at), node];
    if (done.has(node)) return undefined;
    way.push(node);
    for (const next of graph.get(node) ?? []) {
      const circle = follow(next, way);
      if (circle !== undefined) return circle;
    }
    way.pop();
    done.add(node);
    return undefined;
  }
}
