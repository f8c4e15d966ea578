import { createReadStream } from "node:fs";
import { UsageError } from "./usage.ts";

const together = 500;

/** A longer line is none that anybody exported. */
export const longestLine = 16 * 1024;

/** In words, why a file cannot be read. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EISDIR: "is a folder",
  EACCES: "may not be read by this user",
  ENOTDIR: "does not exist: a part of its path is a file",
};

/**
 * Lines that hold something, with their numbers. Of one that is too long no more is kept than shows it. Only a line feed ends a
 * line, with or without a carriage return: other separators may stand in a text of JSON.
 */
export async function* linesOf(file: string): AsyncGenerator<readonly [number, string]> {
  const input = (file === "-" ? process.stdin : createReadStream(file)).setEncoding("utf8");
  let number = 1;
  let line = "";
  try {
    for await (const chunk of input as AsyncIterable<string>) {
      const [rest, ...next] = chunk.split("\n");
      line = longer(line, rest!);
      for (const begun of next) {
        if (line.trim() !== "") yield [number, plain(line, number)];
        number += 1;
        line = longer("", begun);
      }
    }
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""];
    throw reason === undefined ? error : new UsageError(`${file} ${reason}.`);
  }
  if (line.trim() !== "") yield [number, plain(line, number)];
}

const longer = (line: string, more: string): string => (line.length > longestLine ? line : line + more.slice(0, longestLine + 1));

/** Editors on Windows put a byte order mark before the first line, and a carriage return at the end of each. */
function plain(line: string, number: number): string {
  return (number === 1 ? line.replace(/^\ufeff/, "") : line).replace(/\r$/, "");
}

/** So many of them at a time. */
export async function* batchesOf(lines: AsyncIterable<readonly [number, string]>): AsyncGenerator<(readonly [number, string])[]> {
  let batch: (readonly [number, string])[] = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < together) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
