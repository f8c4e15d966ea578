const colours: Readonly<Record<string, string>> = { debug: "\u001B[2m", warn: "\u001B[33m", error: "\u001B[31m", fatal: "\u001B[31m" };

/** A line of the JSON log, short, for a terminal. What came from outside has lost its control characters in JSON already. */
export function prettyLine(line: string): string {
  const { time, level, message, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const facts = Object.entries(rest).map(([name, value]) => `${name}=${typeof value === "string" ? bare(value) : JSON.stringify(value)}`);
  const colour = colours[String(level)] ?? "";
  return `${String(time).slice(11, 19)} ${colour}${String(level).padEnd(5)}\u001B[0m ${[message, ...facts].join("  ")}\n`;
}

function bare(value: string): string {
  return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}
