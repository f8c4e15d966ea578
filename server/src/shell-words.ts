import { relative, sep } from "node:path";

/** A line that a shell reads as these words: paths below the current folder without it, others quoted where they have to be. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => quoted(shortened(word))).join(" ");
}

function shortened(word: string): string {
  return word.startsWith(process.cwd() + sep) ? relative(process.cwd(), word) : word;
}

function quoted(word: string): string {
  return /^[\w./:@=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
