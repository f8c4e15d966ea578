import { createSparseSet } from "./sparse.ts";

/** Indexes in one block: what a node reserves with one write. */
export const blockSize = 100_000;
/** Blocks in one published list. */
export const blocksInList = 10;
/** Indexes in one published list: 125,000 bytes before compression. */
export const listSize = blockSize * blocksInList;

/**
 * A set of positions: one bit each in blocks of 12,500 bytes where many are set, and 16 bytes each where few are, so that
 * a million take at most 34 MB wherever they lie.
 */
export interface Bits {
  has(position: number): boolean;
  add(position: number): void;
  clear(): void;
  /** Forgets the blocks below this one. */
  forgetBelow(block: number): void;
  /** The bytes of one list, the least significant bit first (Token Status List s.4). */
  listBytes(list: number): Buffer;
  /** Bytes held. */
  readonly byteLength: number;
}

const bytesInBlock = blockSize / 8;
/** From so many on, a block is no larger than they are in the table. */
const manyInBlock = Math.ceil(bytesInBlock / 16);

export function createBits(): Bits {
  const blocks = new Map<number, Uint8Array>();
  const few = createSparseSet();

  function setBit(bytes: Uint8Array, index: number): void {
    bytes[index >> 3]! |= 1 << (index & 7);
  }

  /** Blocks in which many have come together leave the table. */
  function moveMany(): void {
    const positions = few.sorted();
    const staying = positions.slice();
    let stay = 0;
    for (let start = 0; start < positions.length;) {
      const block = Math.floor(positions[start]! / blockSize);
      let end = start;
      while (end < positions.length && positions[end]! < (block + 1) * blockSize) end += 1;
      const own = positions.subarray(start, end);
      if (own.length < manyInBlock) {
        staying.set(own, stay);
        stay += own.length;
      } else {
        const bytes = new Uint8Array(bytesInBlock);
        for (const position of own) setBit(bytes, position % blockSize);
        blocks.set(block, bytes);
      }
      start = end;
    }
    if (stay < positions.length) few.replace(staying.subarray(0, stay));
  }

  return {
    has(position) {
      const bytes = blocks.get(Math.floor(position / blockSize));
      const index = position % blockSize;
      return bytes === undefined ? few.has(position) : ((bytes[index >> 3]! >> (index & 7)) & 1) === 1;
    },
    add(position) {
      if (few.isFull) moveMany();
      const bytes = blocks.get(Math.floor(position / blockSize));
      if (bytes === undefined) few.add(position);
      else setBit(bytes, position % blockSize);
    },
    clear() {
      blocks.clear();
      few.replace(new Float64Array(0));
    },
    forgetBelow(block) {
      for (const known of blocks.keys()) if (known < block) blocks.delete(known);
      few.replace(few.sorted().filter((position) => position >= block * blockSize));
    },
    listBytes(list) {
      const all = Buffer.alloc(listSize / 8);
      for (let index = 0; index < blocksInList; index += 1) {
        const bytes = blocks.get(list * blocksInList + index);
        if (bytes !== undefined) all.set(bytes, index * bytesInBlock);
      }
      few.each(list * listSize, (list + 1) * listSize, (position) => setBit(all, position - list * listSize));
      return all;
    },
    get byteLength() {
      return blocks.size * bytesInBlock + few.byteLength;
    },
  };
}
