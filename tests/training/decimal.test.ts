import { expect, test } from "vitest";
import { nearestDouble } from "../../training/decimal.ts";

/** A small generator with a fixed seed (mulberry32): the same cases in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test("reads decimals as Number() does, or says that it cannot tell", () => {
  const random = seeded(7);
  let unsure = 0;
  for (let round = 0; round < 200_000; round++) {
    const head = Math.floor(1e14 + random() * 9e14);
    const tailDigits = Math.floor(random() * 8);
    const tail = Math.floor(random() * 10 ** tailDigits);
    const exponent = Math.floor(random() * 45) - 22;
    const text = `${head}${tailDigits > 0 ? String(tail).padStart(tailDigits, "0") : ""}e${exponent}`;
    const value = nearestDouble(head, tail, tailDigits, exponent);
    if (Number.isNaN(value)) unsure++;
    else if (value !== Number(text)) throw new Error(`${text}: ${value} is not ${Number(text)}`);
  }
  expect(unsure).toBeLessThan(2_000);
});

test("does not decide a tie between two neighbours", () => {
  // 2^53 + 1 lies half-way between two float64.
  expect(nearestDouble(900719925474099, 3, 1, 0)).toBeNaN();
  expect(nearestDouble(900719925474099, 2, 1, 0)).toBe(9007199254740992);
});
