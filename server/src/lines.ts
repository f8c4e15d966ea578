import { createReadStream } from "node:fs";
import { UsageError } from "./usage.ts";

const together = 500;

/** A longer line is none that anybody exported. */
export const longestLine = 16 * 1024;

/** Lines that hold something, with their numbers. */
export async function* linesOf(file: string): AsyncGenerator<readonly [number, string]> {
  const { createInterface } = await import("node:readline");
  const input = file === "-" ? process.stdin : createReadStream(file);
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      number += 1;
      if (line.trim() !== "") yield [number, line];
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new UsageError(`${file} does not exist.`);
    throw error;
  }
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
