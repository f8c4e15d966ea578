/** Indexes in one block: what a node reserves with one write. */
export const blockSize = 100_000;
/** Blocks in one published list. */
export const blocksInList = 10;
/** Indexes in one published list: 125,000 bytes before compression. */
export const listSize = blockSize * blocksInList;

/** A set of positions as one bit each, in blocks that exist only where something is set: 12,500 bytes a block. */
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

export function createBits(): Bits {
  const blocks = new Map<number, Uint8Array>();
  const bytesInBlock = blockSize / 8;
  return {
    has(position) {
      const bytes = blocks.get(Math.floor(position / blockSize));
      const index = position % blockSize;
      return bytes !== undefined && ((bytes[index >> 3]! >> (index & 7)) & 1) === 1;
    },
    add(position) {
      const block = Math.floor(position / blockSize);
      let bytes = blocks.get(block);
      if (bytes === undefined) blocks.set(block, (bytes = new Uint8Array(bytesInBlock)));
      const index = position % blockSize;
      bytes[index >> 3]! |= 1 << (index & 7);
    },
    clear: () => blocks.clear(),
    forgetBelow(block) {
      for (const known of blocks.keys()) if (known < block) blocks.delete(known);
    },
    listBytes(list) {
      const all = Buffer.alloc(listSize / 8);
      for (let index = 0; index < blocksInList; index += 1) {
        const bytes = blocks.get(list * blocksInList + index);
        if (bytes !== undefined) all.set(bytes, index * bytesInBlock);
      }
      return all;
    },
    get byteLength() {
      return blocks.size * bytesInBlock;
    },
  };
}
