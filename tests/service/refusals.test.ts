import { connect } from "node:net";
import { expect, test } from "vitest";
import { Problem } from "../../service/contract.ts";
import { testApp } from "./helpers/test-app.ts";

const JSON_TYPE = { "content-type": "application/json" };
const OK = JSON.stringify({ features: [[1, 2, 3]] });

/** Returns the problem, after checking that it reveals nothing about the code. */
async function problem(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const text = await response.text();
  expect(text).not.toMatch(/\.ts\b|node_modules|\\n +at /);
  const parsed = Problem.parse(JSON.parse(text));
  expect(parsed.status).toBe(response.status);
  return parsed;
}

test.for([
  ["[1]", "", "must be an object"],
  ["null", "", "not null"],
  ['"features"', "", "not a string"],
  ["{}", "/features", "is missing"],
  ['{"features":null}', "/features", "must be a list of rows, not null"],
  ['{"features":{"length":1}}', "/features", "must be a list of rows, not an object"],
  ['{"features":[]}', "/features", "must have at least one row"],
  ['{"features":[1,2,3]}', "/features/0", "must be a list of 3 numbers, not a number"],
  ['{"features":[[1,2,3],[1,2]]}', "/features/1", "must have 3 numbers, as in the model's signature, not 2"],
  ['{"features":[[1,2,3,4]]}', "/features/0", "not 4"],
  ['{"features":[[1,2,3],[1,"2",3]]}', "/features/1/1", "must be a number, not a string"],
  ['{"features":[[1,null,3]]}', "/features/0/1", "must be a number, not null"],
  ['{"features":[[1,true,3]]}', "/features/0/1", "must be a number, not a boolean"],
  ['{"features":[[1,2,[3]]]}', "/features/0/2", "must be a number, not a list"],
  ['{"features":[[1e300,2,3]]}', "/features/0/0", "must be finite as float32"],
  ['{"features":[[1,-1e999,3]]}', "/features/0/1", "must be finite as float32"],
  ['{"features":[[1,2,3]],"threshold":1}', "/threshold", "is not supported"],
  ['{"features":[[1,2,3]],"a/b~c":1}', "/a~1b~0c", "is not supported"],
  ['{"features":[[1,2,3]],"__proto__":1}', "/__proto__", "is not supported"],
] as const)("422 for %s", async ([body, pointer, detail]) => {
  const { post } = await testApp();
  const found = await problem(await post(body));
  expect(found).toMatchObject({ status: 422, pointer });
  expect(found.detail).toContain(detail);
});

test("accepts the largest float32 and the smallest numbers", async () => {
  const { predict } = await testApp();
  expect((await predict({ features: [[3.4028234e38, -1e-300, 0]] })).status).toBe(200);
});

test("names the column if the signature does", async () => {
  const inputs = JSON.stringify(["age", "visits", "spend"].map((name) => ({ name, type: "double" })));
  const { predict } = await testApp({
    model: { mlmodel: { flavors: { onnx: { data: "model.onnx" } }, signature: { inputs } } },
  });
  expect((await problem(await predict({ features: [[1, "2", 3]] }))).detail).toContain("(visits) must be a number");
});

test("400 for a body that is not JSON, without quoting it", async () => {
  const { post } = await testApp();
  for (const body of [
    "",
    "{",
    "NaN",
    '{"features":[[1,NaN,3]]}',
    '{"features":[[12345678,2,3]',
    `${"[".repeat(1900)}`,
  ]) {
    const found = await problem(await post(body));
    expect(found.status).toBe(400);
    expect(found.detail).toMatch(/^the body is not JSON( \(position \d+\))?$/);
  }
});

test("413 for too many rows", async () => {
  const { predict } = await testApp({ maxRows: 2 });
  expect((await predict({ features: new Array(2).fill([1, 2, 3]) })).status).toBe(200);
  const found = await problem(await predict({ features: new Array(3).fill([1, 2, 3]) }));
  expect(found).toMatchObject({ status: 413, pointer: "/features" });
  expect(found.detail).toContain("3 rows exceed the limit of 2");
});

test("413 for a declared length that is too long", async () => {
  const { post } = await testApp({ maxBodyBytes: 1024 });
  const found = await problem(await post(OK.padEnd(1025), { ...JSON_TYPE, "content-length": "1025" }));
  expect(found.status).toBe(413);
  expect((await post(OK.padEnd(1024), { ...JSON_TYPE, "content-length": "1024" })).status).toBe(200);
});

test("413 for an endless chunked body, after reading no more than the limit", async () => {
  const { app, url } = await testApp({ maxBodyBytes: 1024 });
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent += 100;
      controller.enqueue(new TextEncoder().encode(" ".repeat(100)));
    },
  });
  const init = { method: "POST", headers: JSON_TYPE, body: endless, duplex: "half" };
  expect((await problem(await app.request("/predict", init as RequestInit))).status).toBe(413);
  expect(sent).toBeLessThan(1500);
  // On production's path, the response is sent while the rest of the body is still to come.
  const socket = connect(Number(new URL(url).port), "127.0.0.1").setEncoding("utf8");
  socket.write(
    "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  socket.write(`800\r\n${" ".repeat(2048)}\r\n`);
  let answer = "";
  for await (const chunk of socket) {
    answer += chunk;
    if (answer.includes("}")) break;
  }
  expect(answer).toMatch(/^HTTP\/1\.1 413 .*application\/problem\+json.*connection: close/is);
});

test("415 for other content types, charsets and encodings", async () => {
  const { post } = await testApp();
  for (const type of [
    "text/plain",
    "application/json; charset=latin1",
    "application/x-www-form-urlencoded",
    "multipart/json",
  ])
    expect((await problem(await post(OK, { "content-type": type }))).status).toBe(415);
  expect((await problem(await post(OK, { ...JSON_TYPE, "content-encoding": "gzip" }))).status).toBe(415);
  expect((await problem(await post(new TextEncoder().encode(OK), {}))).status).toBe(415);
  for (const type of ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])
    expect((await post(OK, { "content-type": type })).status).toBe(200);
});

test("422 for a row on which the model overflows, without affecting concurrent requests", async () => {
  const { predict } = await testApp({ model: { weights: [1, 1], link: "Log" } });
  const [bad, good] = await Promise.all([
    predict({
      features: [
        [1, 1],
        [-1, -1],
      ],
    }),
    predict({ features: [[1, 1]] }),
  ]);
  expect(await problem(bad)).toMatchObject({ status: 422, pointer: "/features/1" });
  expect(good.status).toBe(200);
});
