import { expect, onTestFinished, test } from "vitest";
import { createApp } from "../../service/app.ts";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { graphModel } from "./helpers/graph-model.ts";
import { MODEL } from "./helpers/test-app.ts";

const classifier = [
  { opType: "ArgMax", input: ["x"], output: ["label"], attribute: [{ name: "axis", type: 2, i: 1 }] },
  { opType: "Softmax", input: ["x"], output: ["probabilities"] },
];
const log = { opType: "Log", input: ["x"], output: ["log"] };

test("a non-finite output beside the prediction fails only responses that contain it", async () => {
  await using model = await graphModel([...classifier, log], ["label", "probabilities", "log"]);
  const predictor = await openPredictor(model.folder);
  onTestFinished(() => predictor.close());
  const app = createApp({ predictor, model: MODEL, limits: { maxRows: 10, maxBodyBytes: 1000 } });
  const ask = async (path: string, body: unknown) => {
    const headers = { "content-type": "application/json" };
    const answer = await app.request(path, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  const rows = [
    [1, 2],
    [3, 0],
  ];
  expect(await ask("/predict", { features: rows })).toMatchObject({ status: 200, body: { predictions: [1, 0] } });
  const refused = {
    status: 422,
    body: {
      detail: expect.stringContaining(
        "output log is not finite for row 1, and JSON cannot represent that: use /predict",
      ),
      pointer: "/inputs/1",
    },
  };
  expect(await ask("/invocations", { inputs: rows })).toMatchObject(refused);
  expect(await ask("/invocations", { inputs: rows.slice(0, 1) })).toMatchObject({ status: 200 });
  const infer = { inputs: [{ name: "x", shape: [2, 2], datatype: "FP32", data: rows }] };
  const path = `/v2/models/${MODEL.name}/infer`;
  expect(await ask(path, infer)).toMatchObject({ status: 422, body: { pointer: "/inputs/0/data/1" } });
  const wanted = { ...infer, outputs: [{ name: "label" }, { name: "probabilities" }] };
  expect(await ask(path, wanted)).toMatchObject({ status: 200, body: { outputs: [{ data: [1, 0] }, {}] } });
});

test("a non-finite output of one request does not affect others in its batch", async () => {
  await using model = await graphModel([...classifier, log], ["label", "probabilities", "log"]);
  const predictor = await openPredictor(model.folder);
  onTestFinished(() => predictor.close());
  const app = createApp({ predictor, model: MODEL, limits: { maxRows: 10, maxBodyBytes: 1000 } });
  const statuses = [[[1, 2]], [[0, 1]], [[2, 1]], [[1, 0]]].map(async (inputs) => {
    const headers = { "content-type": "application/json" };
    return (await app.request("/invocations", { method: "POST", headers, body: JSON.stringify({ inputs }) })).status;
  });
  expect(await Promise.all(statuses)).toEqual([200, 422, 200, 422]);
});

test("rejects a classifier without one label per row, instead of serving its scores as values", async () => {
  const shape = { opType: "Shape", input: ["x"], output: ["label"] };
  await using model = await graphModel([shape, ...classifier.slice(1)], ["label", "probabilities"]);
  await expect(openPredictor(model.folder)).rejects.toThrow(
    /output label has shape \[2\] for 1 rows.* name the prediction's output when you log the model: metadata=/,
  );
});
