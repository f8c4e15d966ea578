const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** A span in words, rounded down to its largest unit: `3 hours`, `1 minute`. */
export function spanText(ms: number): string {
  for (const [name, length] of units) {
    const count = Math.floor(Math.abs(ms) / length);
    if (count > 0) return `${count} ${name}${count === 1 ? "" : "s"}`;
  }
  return "less than a second";
}
