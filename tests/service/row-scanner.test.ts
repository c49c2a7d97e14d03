import { expect, test } from "vitest";
import { denseData } from "../../data/table.ts";
import { readBodyRows } from "../../service/inference/readers.ts";
import { scanRows } from "../../service/inference/row-scanner.ts";
import { malformedBodies } from "./helpers/malformed.ts";
import { floats } from "./helpers/tables.ts";

const SIGNATURE = floats(3);
const scan = (text: string, maxRows = 100) => scanRows(Buffer.from(text), 3, maxRows);
const parse = (text: string) => {
  const { table } = readBodyRows(JSON.parse(text), { signature: SIGNATURE, maxRows: 100 });
  return { features: denseData(table) as Float32Array, rows: table.rows };
};

/** Park and Miller's generator. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** Numbers of all magnitudes and notations. */
function* numbers(count: number): Generator<string> {
  const random = randomFrom(1);
  const bits = new DataView(new ArrayBuffer(4));
  const digits = (length: number) => Array.from({ length }, () => Math.floor(random() * 10)).join("");
  for (let index = 0; index < count; index++) {
    bits.setUint32(0, random() * 2 ** 32);
    const float = bits.getFloat32(0);
    bits.setUint32(0, bits.getUint32(0) + 1);
    const next = bits.getFloat32(0);
    if (Number.isFinite(float)) yield `${float}`;
    // Halfway between two float32s, and next to it, where a wrong digit matters.
    if (Number.isFinite(next)) {
      yield `${(float + next) / 2}`;
      yield `${((float + next) / 2) * (1 + 2 ** -50)}`;
    }
    yield `${(random() - 0.5) * 10 ** (random() * 20 - 10)}`;
    yield `${1 + digits(Math.floor(random() * 30))}.${digits(1 + Math.floor(random() * 40))}`;
    yield `-0.${digits(1 + Math.floor(random() * 8))}E${Math.floor(random() * 60 - 30)}`;
  }
  yield* ["0", "-0", "-0.0", "1e-400", "3.4028234663852886e38", "1.401298464324817e-45", "0.1e+2", "1E2"];
}

test("reads the same float32s as JSON.parse, to the bit", () => {
  let compared = 0;
  for (const number of numbers(5_000)) {
    const text = `{"features":[[${number},1,${number}]]}`;
    let expected: Float32Array | undefined;
    try {
      expected = parse(text).features;
    } catch {
      expected = undefined; // not finite as float32
    }
    const found = scan(text)?.features;
    const isSame =
      found?.length === expected?.length && found?.every((value, index) => Object.is(value, expected?.[index]));
    if (found !== undefined && !isSame) expect.fail(`${number}: ${found} is not ${expected}`);
    if (expected !== undefined && isSame) compared++;
  }
  expect(compared).toBeGreaterThan(20_000);
});

test("accepts white space, several rows and the three names of lists", () => {
  expect(scan(' {\n"features" :\t[ [1, 2.5 ,-3e2 ] , [ 4,5,6]\r\n] } ')).toMatchObject({
    features: Float32Array.of(1, 2.5, -300, 4, 5, 6),
    rows: 2,
  });
  for (const name of ["features", "instances", "inputs"]) {
    const rows = scan(`{"${name}":[[1,2,3],[4,5,6]]}`);
    expect(rows?.pointerToRow(1)).toBe(`/${name}/1`);
  }
});

test.each([
  ["a row of the wrong width", '{"features":[[1,2]]}'],
  ["a longer row", '{"features":[[1,2,3,4]]}'],
  ["no rows", '{"features":[]}'],
  ["an empty row", '{"features":[[]]}'],
  ["another member", '{"features":[[1,2,3]],"x":1}'],
  ["another name", '{"feature":[[1,2,3]]}'],
  ["a number beyond float32", '{"features":[[1,2,1e39]]}'],
  ["a leading zero", '{"features":[[1,2,03]]}'],
  ["a bare point", '{"features":[[1,2,3.]]}'],
  ["a point without a digit before it", '{"features":[[1,2,.3]]}'],
  ["an exponent without digits", '{"features":[[1,2,3e]]}'],
  ["a bare sign", '{"features":[[1,2,-]]}'],
  ["text", '{"features":[[1,2,"3"]]}'],
  ["a comma too many", '{"features":[[1,2,3],]}'],
  ["text after the body", '{"features":[[1,2,3]]}1'],
  ["too many rows", `{"features":[${new Array(101).fill("[1,2,3]")}]}`],
])("leaves %s to the parser", (_, text) => {
  expect(scan(text)).toBeUndefined();
});

test("accepts nothing that the parser rejects, on random bodies", () => {
  const good = '{"features":[[1,-2.5e-3,3],[0.25,1E+2,7]]}';
  for (let end = 0; end < good.length; end++) expect(scan(good.slice(0, end)), good.slice(0, end)).toBeUndefined();
  const random = randomFrom(7);
  const alphabet = '{}[],:"-+.eE0123456789 \u0000\u00e9nul';
  const mutants = Array.from({ length: 20_000 }, () => {
    const at = Math.floor(random() * good.length);
    return (
      good.slice(0, at) + alphabet[Math.floor(random() * alphabet.length)] + good.slice(at + Math.floor(random() * 3))
    );
  });
  const bodies = malformedBodies(3);
  for (let count = 0; count < 500; count++) mutants.push(bodies.next().value ?? "");
  let taken = 0;
  for (const text of mutants) {
    const found = scan(text);
    if (!found) continue;
    taken++;
    expect(found.features, text).toEqual(parse(text).features);
  }
  expect(taken).toBeGreaterThan(1_000);
});
