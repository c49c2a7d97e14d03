/** A seeded stream of random numbers, identical on every machine, so that verdicts are reproducible. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Uniform integer from 0 to `below` - 1. */
  below(below: number): number;
  /** Normal with mean 0 and standard deviation 1 (Box-Muller). */
  normal(): number;
}

/** Creates a stream by sfc32 of Chris Doty-Humphrey (PractRand), seeded and warmed up like the author's. */
export function seededRandom(seed: number): Random {
  let [a, b, c, counter] = [0, seed | 0, (seed / 2 ** 32) | 0, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) next();
  const uniform = () => next() / 2 ** 32;
  return {
    uniform,
    below: (below) => Math.floor(uniform() * below),
    // 1 - uniform() is never 0, which has no logarithm.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}
