/** In how many of all pairs the one is larger than the other: the statistic of Mann and Whitney, as a share. */
function shareAbove(ones: readonly number[], others: readonly number[]): number {
  const larger = ones.reduce((sum, one) => sum + others.filter((other) => one > other).length, 0);
  return larger / (ones.length * others.length);
}

function shuffled<T>(list: readonly T[]): readonly T[] {
  return list
    .map((item) => [Math.random(), item] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, item]) => item);
}

/**
 * Does each kind so often, in turn: each comes as often first as last, and each as often after each, so that what comes by the
 * turn comes to all alike. Answers those whose times rank above or below the times of all others: of the same times the share
 * is a half, with a deviation of 0.04 for sixty rounds. The first two rounds make everything warm.
 */
export async function kindsApart<Kind extends string>(kinds: readonly Kind[], rounds: number, once: (kind: Kind) => Promise<unknown>) {
  const times = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < rounds + 2; round += 1) {
    for (const kind of shuffled(kinds)) {
      const began = performance.now();
      await once(kind);
      if (round > 1) times.get(kind)!.push(performance.now() - began);
    }
  }
  const shares = kinds.map((kind) => {
    const others = kinds.filter((other) => other !== kind).flatMap((other) => times.get(other)!);
    return { kind, share: shareAbove(times.get(kind)!, others) };
  });
  return shares.filter(({ share }) => Math.abs(share - 0.5) > 0.3);
}
