import { type Random, seededRandom } from "./random.ts";

/** Draws from a gamma distribution with this shape and scale 1: Marsaglia and Tsang (2000), with their boost for shapes below 1. */
export function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - random.uniform();
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Draws cell shares from a Dirichlet distribution, without normalizing them. Reproducible by seed. A cell of shape 0 is always 0. */
export function* dirichletDraws(
  shapes: Float64Array,
  { draws, seed }: { readonly draws: number; readonly seed: number },
): Generator<Float64Array> {
  const random = seededRandom(seed);
  for (let draw = 0; draw < draws; draw++) yield shapes.map((shape) => (shape > 0 ? gamma(shape, random) : 0));
}
