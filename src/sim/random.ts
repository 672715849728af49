/** Chance from a seed: the same seed draws the same things in the same order, on every machine. */
export type Random = {
  /** A number from 0 up to but not including `below`. */
  int(below: number): number;
  /** From `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True in that share of all cases; 0 never, 1 always. */
  chance(share: number): boolean;
  /** One of them; throws where there is none. */
  pick<T>(from: readonly T[]): T;
  /** By weight; a weight of 0 is never picked. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
  /** A source of its own, so that what one actor draws never moves what another one draws. */
  fork(label: string): Random;
};

/** FNV-1a, 32 bits. */
const mixed = (hash: number, text: string): number => {
  let mix = hash;
  for (let at = 0; at < text.length; at += 1) mix = Math.imul(mix ^ text.charCodeAt(at), 0x01000193);
  return mix >>> 0;
};

/** splitmix32: spreads neighbouring seeds far apart. */
const spread = (state: number): number => {
  let mix = (state + 0x9e3779b9) | 0;
  mix = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad);
  mix = Math.imul(mix ^ (mix >>> 15), 0x735a2d97);
  return (mix ^ (mix >>> 15)) >>> 0;
};

/** sfc32 (Chris Doty-Humphrey's Small Fast Counting generator, PractRand 0.94), seeded by splitmix32. */
export const randomFrom = (seed: number, label = ''): Random => {
  let a = spread(mixed(0x811c9dc5 ^ (seed >>> 0), label));
  let b = spread(a ^ Math.floor(seed / 0x1_0000_0000));
  let c = spread(b);
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let round = 0; round < 12; round += 1) next();
  const int = (below: number): number => Math.floor(next() * below);
  return {
    int,
    between: (least, most) => least + int(most - least + 1),
    chance: (share) => next() < share,
    pick: <T>(from: readonly T[]): T => {
      if (from.length === 0) throw new Error('there is nothing to pick from');
      return from[int(from.length)] as T;
    },
    weighted: <K extends string>(weights: Readonly<Record<K, number>>): K => {
      const all = Object.entries<number>(weights) as [K, number][];
      let left = next() * all.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of all) {
        if (left < weight) return key;
        left -= weight;
      }
      throw new Error('nothing has a weight');
    },
    fork: (name) => randomFrom(seed, `${label}/${name}`),
  };
};
