import { expect, test } from "vitest";
import { hidePasswords } from "../../infra/mlflow-settings.ts";

test.each([
  ["http://u:p@h/x", "http://***@h/x"],
  ["http://u:a/p@h", "http://***@h"],
  ["u:p@h", "***@h"],
  ["http://h/?a=1&password=p&b=2", "http://h/?a=1&password=***&b=2"],
  [
    ["http://u:p@h", "http://u:p@i"],
    ["http://***@h", "http://***@i"],
  ],
  [
    { url: "h", dbPassword: 'p"p' },
    { url: "h", dbPassword: "***" },
  ],
  ["-----BEGIN PRIVATE KEY-----\np\n-----END PRIVATE KEY-----", "***"],
  // These contain none.
  [`node:24@sha256:${"0".repeat(64)}`, `node:24@sha256:${"0".repeat(64)}`],
  ["http://h:5000/x", "http://h:5000/x"],
  ["ops@acme.example", "ops@acme.example"],
])("removes passwords from %j", (value, hidden) => {
  expect(hidePasswords(JSON.stringify(value))).toBe(JSON.stringify(hidden));
});

test("takes linear time", () => {
  for (const text of ["/", '"', "password", "?key", "a:", "-----BEGIN "]) {
    const start = performance.now();
    hidePasswords(text.repeat(10_000).slice(0, 10_000));
    expect(performance.now() - start).toBeLessThan(2000);
  }
});
