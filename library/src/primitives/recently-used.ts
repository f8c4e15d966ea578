import { LRUCache } from "lru-cache";

/**
 * A memory of at most `most` entries (1 or more); whichever was used longest ago leaves first. It takes its room as it fills:
 * told `max`, the package takes all of it at once, which for a hundred thousand entries are 20 ms of every start.
 */
export function recentlyUsed<Value extends object>(most: number): LRUCache<string, Value> {
  return new LRUCache({ maxSize: most, sizeCalculation: () => 1 });
}
