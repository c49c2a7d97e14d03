import { mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { onnx as Onnx } from "onnx-proto";
import onnxProto from "onnx-proto";
import { expect, test } from "vitest";
import { denseTable } from "../../data/table.ts";
import { memoryProblem, modelBytes } from "../../service/model-memory.ts";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { mlmodelOf } from "./helpers/test-model.ts";

const { onnx } = onnxProto;
const { FLOAT, INT64 } = onnx.TensorProto.DataType;
const { EXTERNAL } = onnx.TensorProto.DataLocation;

/** Rows of the weights: 120 MB. */
const ROWS = 15_000_000;

const axis = (name: string, dimParam: string) => ({
  name,
  type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam }, { dimValue: 2 }] } } },
});

/** A model as torch.onnx.export writes it: named modules, dynamic axes, and weights in `model.onnx.data` beside it. */
async function torchModel(isExternal: boolean) {
  const folder = await mkdtemp(join(tmpdir(), "torch-model-"));
  const weights = new Float32Array(ROWS * 2);
  weights.set([1.5, -2]);
  const bytes = new Uint8Array(weights.buffer);
  const weight: Onnx.ITensorProto = {
    name: "embedding.weight",
    dims: [ROWS, 2],
    dataType: FLOAT,
    ...(isExternal
      ? {
          dataLocation: EXTERNAL,
          externalData: Object.entries({ location: "model.onnx.data", offset: "0", length: `${bytes.length}` }).map(
            ([key, value]) => ({ key, value }),
          ),
        }
      : { rawData: bytes }),
  };
  const graph: Onnx.IGraphProto = {
    name: "main_graph",
    input: [axis("x", "batch")],
    output: [axis("output", "batch")],
    initializer: [weight, { name: "dim", dims: [1], dataType: INT64, int64Data: [0] }],
    node: [
      { opType: "ReduceSum", name: "node_sum", input: ["embedding.weight", "dim"], output: ["sum"] },
      { opType: "Mul", name: "node_mul", input: ["x", "sum"], output: ["output"] },
    ],
  };
  const model = { irVersion: 10, producerName: "pytorch", opsetImport: [{ domain: "", version: 18 }], graph };
  await writeFile(join(folder, "model.onnx"), onnx.ModelProto.encode(model).finish());
  if (isExternal) await writeFile(join(folder, "model.onnx.data"), bytes);
  await writeFile(join(folder, "MLmodel"), JSON.stringify(mlmodelOf(2)));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

test.each([
  ["in one file", false],
  ["with torch's separate weights file", true],
])(
  "runs a model of 120 MB %s",
  async (_name, isExternal) => {
    await using model = await torchModel(isExternal);
    expect(await modelBytes(model.folder)).toBeGreaterThan(120e6);
    const predictor = await openPredictor(model.folder);
    try {
      const rows = denseTable(predictor.signature.inputs, Float32Array.of(1, 1, 2, 3), 2);
      expect(await predictor.predict(rows)).toMatchObject({ kind: "values", data: Float32Array.of(1.5, -2, 3, -6) });
    } finally {
      await predictor.close();
    }
  },
  60_000,
);

test("rejects missing files and files over 2 GiB, by name", async () => {
  await using model = await torchModel(true);
  const file = join(model.folder, "model.onnx.data");
  // Sparse, so it takes no space.
  await truncate(file, 2 ** 31 + 1);
  await expect(openPredictor(model.folder)).rejects.toThrow(
    'tensor embedding.weight is stored in another file, "model.onnx.data", which has 2147483649 bytes, but files over 2 GiB are not supported',
  );
  await rm(file);
  await expect(openPredictor(model.folder)).rejects.toThrow('"model.onnx.data", which is not in the model\'s folder');
  const onnxFile = join(model.folder, "model.onnx");
  await (await open(onnxFile, "w")).close();
  await truncate(onnxFile, 2 ** 31);
  await expect(openPredictor(model.folder)).rejects.toThrow(
    "model.onnx: it has 2147483648 bytes, but ONNX files over 2 GiB are not supported",
  );
});

test("warns about a low memory limit before a large model is opened", () => {
  expect(memoryProblem(154e6, 512 * 2 ** 20, 1)).toBe(
    "the model takes 154 MB, and opening it requires about 746 MB, but the memory limit is 537 MB: the service may be killed. " +
      "Set docker.memoryMb to 746, or kubernetes.service.memory to 746M, or more",
  );
  expect(memoryProblem(154e6, 1024 * 2 ** 20, 1)).toBeUndefined();
  expect(memoryProblem(154e6, 1024 * 2 ** 20, 2)).toContain("opening it in 2 processes requires about 1492 MB");
  expect(memoryProblem(154e6, 0, 1)).toBeUndefined();
  expect(memoryProblem(154e6, undefined, 1)).toBeUndefined();
  expect(memoryProblem(5e6, 64 * 2 ** 20, 1)).toBeUndefined();
});
