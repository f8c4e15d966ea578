/** How many rows there are of each key; a claim counts so what is under way already at one receiver. */
export function countBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): (key: string) => number {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return (key) => counts.get(key) ?? 0;
}
