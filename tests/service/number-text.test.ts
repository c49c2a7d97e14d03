import { expect, test } from "vitest";
import { LONGEST_NUMBER, putFloat32, putFloat64, putInteger } from "../../service/inference/number-text.ts";

const bytes = Buffer.alloc(64);
const text = (put: typeof putFloat32, value: number) => bytes.toString("latin1", 3, put(bytes, 3, value));

test("writes float32s that parse back to the same value", () => {
  const bits = new DataView(new ArrayBuffer(4));
  // Every 9973rd float32 from 0 to 1, including both ends of each scale.
  const values = [0, 1, 0.5, 0.1, 0.01, 0.001, 0.9999999].map(Math.fround);
  for (let pattern = 0; pattern <= 0x3f800000; pattern += 9973) {
    bits.setUint32(0, pattern);
    values.push(bits.getFloat32(0));
  }
  const others = values.flatMap((value) => [-value, Math.fround(value * 1e4), Math.fround(value * -1e30)]);
  for (const value of values.concat(others)) {
    const written = text(putFloat32, value);
    if (Math.fround(JSON.parse(written)) !== value || written.length > LONGEST_NUMBER)
      expect.fail(`${value} was written as ${written}`);
  }
  expect(values.length).toBeGreaterThan(100_000);
});

test("writes only as many digits as distinguish float32s", () => {
  expect([0.5, 0.25, 1, 0, 0.001953125].map((value) => text(putFloat32, value))).toEqual([
    "0.5",
    "0.25",
    "1",
    "0",
    "0.001953125",
  ]);
  expect(text(putFloat32, Math.fround(0.5709458))).toBe("0.570945799");
  expect(text(putFloat32, Math.fround(-0.5709458))).toBe("-0.570945799");
  expect(text(putFloat32, Math.fround(1234.5678))).toBe("1234.56775");
});

test("keeps the sign of minus zero", () => {
  for (const put of [putFloat32, putFloat64]) {
    expect(text(put, -0)).toBe("-0.0");
    expect(text(put, 0)).toBe("0");
  }
});

test("writes whole numbers", () => {
  const values = [0, 9, 10, -1, 2 ** 31, -(2 ** 53)];
  expect(values.map((value) => text(putInteger, value))).toEqual(values.map(String));
});
