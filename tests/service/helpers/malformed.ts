/** Bodies that are no good, from a seed: the same seed makes the same bodies. */
export function* malformedBodies(seed: number): Generator<string> {
  let state = seed;
  // Numerical Recipes' linear congruential generator: good enough to choose with.
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
  const good = JSON.stringify({ features: [[1, -2.5e-3, 3]] });
  const values = [
    "null",
    "true",
    '"1"',
    "[]",
    "{}",
    "1e999",
    "-1e400",
    "NaN",
    "Infinity",
    "01",
    "1.",
    ".5",
    "0x1f",
    "--1",
    '"\\ud800"',
    "9".repeat(400),
  ];
  const makers: (() => string)[] = [
    () => good.slice(0, random(good.length)), // truncated
    () => "[".repeat(random(20_000) + 1), // deep
    () => `${'{"features":'.repeat(random(2_000) + 1)}1`,
    () => `{"features":[[1,${values[random(values.length)]},3]]}`,
    () => `{"features":${values[random(values.length)]}}`,
    () => `{"${"x".repeat(random(3_000))}":[[1,2,3]]}`,
    () => `{"features":[[${new Array(random(200)).fill(1)}]]}`,
    () => `{"features":[${new Array(random(50) + 1).fill("[1,2]")}]}`,
    () => good.slice(0, random(good.length)) + String.fromCharCode(random(65_536)) + good.slice(random(good.length)),
    () =>
      `{"inputs":[{"name":"X","shape":[1,${random(9)}],"datatype":"FP${random(99)}","data":[${values[random(values.length)]}]}]}`,
    () => `{"dataframe_split":{"columns":[${values[random(values.length)]}],"data":[[1,2,3]]}}`,
    () =>
      `{"instances":[{"${["age", "__proto__", "constructor", "toString"][random(4)]}":${values[random(values.length)]}}]}`,
    () => `\ufeff${good}`,
  ];
  for (;;) yield (makers[random(makers.length)] as () => string)();
}
