// @ts-check
// What is said of repeated measurements.

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** The middle half: from the lower to the upper quartile. @param {readonly number[]} values @returns {[number, number]} */
export function middleHalf(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (/** @type {number} */ share) => sorted[Math.round((sorted.length - 1) * share)] ?? NaN;
  return [at(0.25), at(0.75)];
}

/** @param {readonly number[]} values @param {number} share 0.99 for the 99th percentile */
export function quantile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** `31.4 (30.9–32.2)`: the median and the middle half. @param {readonly number[]} values */
export function spread(values, digits = 1) {
  const [low, high] = middleHalf(values);
  return `${median(values).toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

/** @param {number} value */
export function thousands(value) {
  return Math.round(value).toLocaleString("en-US");
}

/** A Markdown table. @param {readonly string[]} heads @param {readonly (readonly string[])[]} rows */
export function table(heads, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
