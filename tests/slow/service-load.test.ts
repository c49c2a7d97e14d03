import { writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { modelOf, onnx } from "../attacks/helpers/onnx-bytes.ts";
import { overload } from "../helpers/machine-share.ts";
import { startService } from "../service/helpers/service-process.ts";
import { testModel } from "../service/helpers/test-model.ts";

const BODY = JSON.stringify({ features: [[1, 2, 3]] });
const SECONDS = 4;
const TIMES = 10;
const QUEUE_ROWS = 8;
const LAYERS = 30;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly ms: number;
}

function ask(agent: Agent, url: string): Promise<Answer> {
  const start = performance.now();
  return new Promise((done, fail) => {
    const headers = { "content-type": "application/json", "content-length": BODY.length };
    const sent = request(`${url}/predict`, { agent, method: "POST", headers }, (response) => {
      response.resume().once("end", () => {
        const { statusCode: status = 0, headers: got } = response;
        done({ status, retryAfter: got["retry-after"], ms: performance.now() - start });
      });
    });
    sent.once("error", fail).end(BODY);
  });
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** A model of which a row takes some milliseconds: so one process can ask for ten times what another can answer. */
function slowModel(): Uint8Array {
  const { FLOAT, INT64 } = onnx.TensorProto.DataType;
  const { INT } = onnx.AttributeProto.AttributeType;
  const wide = 1_500;
  const value = (name: string, elemType: number, ...last: number[]) => ({
    name,
    type: { tensorType: { elemType, shape: { dim: [{ dimParam: "N" }, ...last.map((dimValue) => ({ dimValue }))] } } },
  });
  const constant = (name: string, ...dims: number[]) => ({
    name,
    dims,
    dataType: FLOAT,
    rawData: new Uint8Array(new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(1e-4).buffer),
  });
  const matmul = (from: string, weights: string, to: string) => ({
    opType: "MatMul",
    input: [from, weights],
    output: [to],
  });
  return modelOf({
    name: "slow",
    input: [value("features", FLOAT, 3)],
    output: [value("label", INT64), value("probabilities", FLOAT, 2)],
    initializer: [constant("in", 3, wide), constant("w", wide, wide), constant("out", wide, 2)],
    node: [
      matmul("features", "in", "h0"),
      ...Array.from({ length: LAYERS }, (_, index) => matmul(`h${index}`, "w", `h${index + 1}`)),
      matmul(`h${LAYERS}`, "out", "scores"),
      { opType: "Sigmoid", input: ["scores"], output: ["probabilities"] },
      {
        opType: "ArgMax",
        input: ["probabilities"],
        output: ["label"],
        attribute: [
          { name: "axis", type: INT, i: 1 },
          { name: "keepdims", type: INT, i: 0 },
        ],
      },
    ],
  });
}

test(`at ${TIMES} x its capacity the service sheds by 503 with Retry-After, goes on answering, and is itself again within 1 s`, async () => {
  await using model = await testModel();
  await writeFile(join(model.folder, "model.onnx"), slowModel());
  await using service = await startService({ MODEL_URI: model.folder, MAX_QUEUE_ROWS: String(QUEUE_ROWS) });
  const agent = new Agent({ keepAlive: true, maxSockets: 1_024 });
  const one = async () => {
    const { status, ms } = await ask(agent, service.url);
    expect(status).toBe(200);
    return ms;
  };
  for (let count = 0; count < 20; count++) await one();
  const normal: number[] = [];
  for (let count = 0; count < 40; count++) normal.push(await one());

  // Capacity: as many as the queue takes, each asking again as soon as it is answered.
  let answered = 0;
  const until = performance.now() + 3_000;
  const client = async () => {
    while (performance.now() < until) if ((await ask(agent, service.url)).status === 200) answered++;
  };
  await Promise.all(Array.from({ length: QUEUE_ROWS }, client));
  const capacity = answered / 3;

  // Overload: so many a second whatever the answers are.
  const answers: Promise<Answer | string>[] = [];
  const start = performance.now();
  while (performance.now() - start < SECONDS * 1000) {
    const due = Math.floor(((performance.now() - start) / 1000) * capacity * TIMES);
    while (answers.length < due)
      answers.push(ask(agent, service.url).catch((error: NodeJS.ErrnoException) => String(error.code)));
    await sleep(4);
  }
  const sent = answers.length / ((performance.now() - start) / 1000);
  const ended = performance.now();
  const got = await Promise.all(answers);
  const drained = performance.now() - ended;
  const failures = got.filter((answer) => typeof answer === "string");
  const whole = got.filter((answer) => typeof answer !== "string");
  const shed = whole.filter(({ status }) => status === 503);
  const served = whole.filter(({ status }) => status === 200);

  // From the last overloading request on: when a request takes what it took before.
  let recovered = Number.POSITIVE_INFINITY;
  const usual = Math.max(3 * median(normal), 30);
  for (let tries = 0; tries < 400; tries++) {
    const { status, ms } = await ask(agent, service.url);
    if (status === 200 && ms <= usual) {
      recovered = performance.now() - ended;
      break;
    }
  }
  const after: number[] = [];
  for (let count = 0; count < 20; count++) after.push(await one());
  agent.destroy();

  const figures = {
    capacity: Math.round(capacity),
    offered: Math.round(sent),
    served: Math.round(served.length / SECONDS),
    shedShare: Number((shed.length / got.length).toFixed(3)),
    failures: failures.length,
    drainedMs: Math.round(drained),
    recoveredMs: Math.round(recovered),
    normalMs: Number(median(normal).toFixed(2)),
    afterMs: Number(median(after).toFixed(2)),
    servedP50Ms: Math.round(median(served.map(({ ms }) => ms))),
    shedP50Ms: Math.round(median(shed.map(({ ms }) => ms))),
  };
  const share = overload();
  console.log(`${JSON.stringify(figures)} on a machine with ${share.toFixed(1)} x the work it can do`);
  expect(sent).toBeGreaterThan(capacity * TIMES * 0.8);
  expect(failures).toEqual([]);
  expect(whole.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
  expect(shed.length).toBeGreaterThan(got.length * 0.5);
  for (const { retryAfter } of shed) expect(retryAfter).toBe("1");
  // What it can do it does: work is not lost in refusing.
  expect(served.length / SECONDS).toBeGreaterThan(capacity * 0.4);
  expect(recovered).toBeLessThan(1_000 * share);
  expect(median(after)).toBeLessThan(usual);
});
