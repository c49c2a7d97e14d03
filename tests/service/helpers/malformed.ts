/**
 * Whether a body is a valid request for a model with three unnamed features: a body may stay valid after a truncation or an inserted character. Independent of
 * the service's code.
 */
export function isWellFormed(body: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return false;
  }
  if (typeof parsed !== "object" || parsed === null) return false;
  const [[name = "", rows] = [], ...more] = Object.entries(parsed);
  const isRow = (row: unknown) =>
    Array.isArray(row) && row.length === 3 && row.every((value) => Number.isFinite(value) && Math.abs(value) <= 3.4e38);
  return (
    more.length === 0 &&
    ["features", "instances", "inputs"].includes(name) &&
    Array.isArray(rows) &&
    rows.length > 0 &&
    rows.every(isRow)
  );
}

/** Returns the responses with a wrong status. Well-formed bodies must get 200, and all others 400, 413 or 422. */
export const wrongAnswers = (answers: readonly (readonly [path: string, body: string, status: number])[]): string[] =>
  answers
    .filter(([path, body, status]) =>
      isWellFormed(body) && !path.startsWith("/v2/") ? status !== 200 : ![400, 413, 422].includes(status),
    )
    .map(([path, body, status]) => `${path} answered ${status} to ${body.slice(0, 200)}`);

/** Returns mostly malformed bodies, determined by a seed. */
export function* malformedBodies(seed: number): Generator<string> {
  let state = seed;
  // Numerical Recipes' linear congruential generator, which is good enough here.
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
