import type { MaybePromise } from "../contracts/index.ts";
import { randomBelow } from "../primitives/index.ts";
import { blockSize } from "./bits.ts";

interface DrawParts {
  /** Reserves a block for this node: one write. */
  readonly reserve: () => Promise<number>;
  readonly now: () => number;
  /** How long this node draws from one block. */
  readonly useMs: number;
}

interface Block {
  readonly first: number;
  /** Indexes that are left: the first `left` of them. */
  readonly indexes: Uint32Array;
  left: number;
  readonly until: number;
}

/** Below this many, the next block is reserved while this one still serves. */
const low = 1_000;

/**
 * Draws positions that nobody has, at random within a block, so that an index tells nothing of the order in which tokens
 * were issued. Writes once a block; between those it is synchronous.
 */
export function createDraw({ reserve, now, useMs }: DrawParts): () => MaybePromise<number> {
  let current: Block | undefined;
  let next: Block | undefined;
  let reserving: Promise<Block> | undefined;

  function fetch(): Promise<Block> {
    const until = now() + useMs;
    reserving ??= reserve()
      .then(
        (number) =>
          (next = {
            first: number * blockSize,
            indexes: Uint32Array.from({ length: blockSize }, (_, index) => index),
            left: blockSize,
            until,
          }),
      )
      .finally(() => (reserving = undefined));
    return reserving;
  }

  function drawFrom(block: Block): number {
    const place = randomBelow(block.left);
    const index = block.indexes[place]!;
    block.left -= 1;
    block.indexes[place] = block.indexes[block.left]!;
    return block.first + index;
  }

  function draw(): MaybePromise<number> {
    if (current !== undefined && (current.left === 0 || now() >= current.until)) current = undefined;
    if (current === undefined) {
      current = next;
      next = undefined;
    }
    if (current === undefined) return fetch().then(draw);
    // Its failure is not this token's: the next draw tries again.
    if (current.left <= low && next === undefined) fetch().catch(() => undefined);
    return drawFrom(current);
  }

  return draw;
}
