// Positions that are few in their block, as numbers in one open-addressed table: 8 bytes each and as much again for room,
// wherever they lie. A block of its own costs 12,500 bytes however few are in it.

export interface SparseSet {
  has(position: number): boolean;
  add(position: number): void;
  /** Whether the next one makes the table larger: a moment to look what could leave it. */
  readonly isFull: boolean;
  /** Everything in it, in order. */
  sorted(): Float64Array;
  /** Keeps these and nothing else. */
  replace(positions: Float64Array): void;
  /** Calls for each from `start` to before `end`, in no order. */
  each(start: number, end: number, visit: (position: number) => void): void;
  readonly byteLength: number;
}

const leastPlaces = 1_024;
const free = -1;

export function createSparseSet(): SparseSet {
  let places = new Float64Array(leastPlaces).fill(free);
  let size = 0;

  /** Where it is, or would be. */
  function placeOf(position: number): number {
    const mask = places.length - 1;
    // Neighbours in number must not be neighbours here: long runs would be searched one by one.
    let place = (Math.imul(position % 4_294_967_296, 0x9e3779b1) ^ Math.imul(Math.floor(position / 4_294_967_296), 0x85ebca6b)) & mask;
    place = (place ^ (place >>> 11)) & mask;
    while (places[place] !== free && places[place] !== position) place = (place + 1) & mask;
    return place;
  }

  function put(position: number): void {
    const place = placeOf(position);
    if (places[place] === position) return;
    places[place] = position;
    size += 1;
  }

  function rebuild(positions: Float64Array, room: number): void {
    places = new Float64Array(room).fill(free);
    size = 0;
    for (const position of positions) put(position);
  }

  const sorted = () => places.filter((position) => position !== free).toSorted();
  const isFull = () => size * 2 >= places.length;

  return {
    has: (position) => size > 0 && places[placeOf(position)] === position,
    add(position) {
      if (isFull()) rebuild(sorted(), places.length * 2);
      put(position);
    },
    get isFull() {
      return isFull();
    },
    sorted,
    replace(positions) {
      let room = leastPlaces;
      while (room <= positions.length * 2) room *= 2;
      rebuild(positions, room);
    },
    each(start, end, visit) {
      for (const position of places) if (position >= start && position < end) visit(position);
    },
    get byteLength() {
      return places.byteLength;
    },
  };
}
