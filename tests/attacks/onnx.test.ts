import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { judgeFiles } from "../../training/gate/checks/schema.ts";
import { floatTable, readClasses } from "../service/helpers/tables.ts";
import { testModel } from "../service/helpers/test-model.ts";
import { field, graphWith, modelOf, onnx } from "./helpers/onnx-bytes.ts";

const { FLOAT } = onnx.TensorProto.DataType;
const { EXTERNAL, DEFAULT } = onnx.TensorProto.DataLocation;

/** A folder whose ONNX file is these bytes. */
async function modelFolder(bytes: Uint8Array) {
  const model = await testModel();
  await writeFile(join(model.folder, "model.onnx"), bytes);
  return model;
}

const outside = (location: string, dataLocation: number = EXTERNAL) => ({
  name: "stolen",
  dims: [2, 2],
  dataType: FLOAT,
  dataLocation,
  externalData: [{ key: "location", value: location }],
});
/** Uses the tensor in a way that the runtime cannot fold away. */
const using = { opType: "MatMul", input: ["probabilities", "stolen"], output: ["leak"] };

test("the model that the attacks change is a good one", async () => {
  await using model = await modelFolder(modelOf(graphWith({})));
  await using opened = await openPredictor(model.folder).then((predictor) => ({
    predictor,
    [Symbol.asyncDispose]: () => predictor.close(),
  }));
  const { predictor } = opened;
  expect(readClasses(await predictor.predict(floatTable(predictor, [[1, 2, 3]]))).labels).toHaveLength(1);
});

test.each([
  "/etc/passwd",
  "../../../../proc/self/environ",
  "package-lock.json",
  "elsewhere/../../weights.bin",
  "registered_model_meta",
  "link.bin",
  "linked/weights.bin",
  "*/_ORT_MEM_ADDR_/*",
  "",
])(
  "ONNX external data: a tensor in %j is refused before the runtime sees it, and no policy is needed",
  async (location) => {
    for (const dataLocation of [EXTERNAL, DEFAULT]) {
      await using model = await modelFolder(
        modelOf(graphWith({ initializer: [outside(location, dataLocation)], node: [using] })),
      );
      for (const file of ["weights.bin", "registered_model_meta"])
        await writeFile(join(model.folder, file), new Uint8Array(16));
      await symlink("weights.bin", join(model.folder, "link.bin"));
      await symlink(".", join(model.folder, "linked"));
      await expect(openPredictor(model.folder)).rejects.toThrow("tensor stolen is stored in another file");
    }
  },
);

test("ONNX external data: a file in the model's folder is read, within its bounds", async () => {
  const located = (...entries: [key: string, value: string][]) => ({
    ...outside("weights.bin"),
    externalData: [["location", "weights.bin"], ...entries].map(([key, value]) => ({
      key: key ?? "",
      value: value ?? "",
    })),
  });
  const open = async (tensor: ReturnType<typeof located>) => {
    await using model = await modelFolder(modelOf(graphWith({ initializer: [tensor], node: [using] })));
    await writeFile(join(model.folder, "weights.bin"), new Uint8Array(20));
    const opened = await openPredictor(model.folder).catch((error: Error) => error.message);
    if (typeof opened !== "string") await opened.close();
    return typeof opened === "string" ? opened : "opened";
  };
  expect(await open(located(["offset", "4"], ["length", "16"]))).toBe("opened");
  for (const [offset, length] of [
    ["8", "16"],
    ["-4", "16"],
    ["0", "1e1"],
  ] as const)
    expect(await open(located(["offset", offset], ["length", length]))).toContain("the file has only 20");
  expect(await open({ ...located(["offset", "4"]), dataLocation: DEFAULT })).toContain(
    "but its data_location is DEFAULT",
  );
});

test("ONNX external data: it is found in inner graphs, functions and attributes", async () => {
  const { GRAPH, TENSOR } = onnx.AttributeProto.AttributeType;
  const inner = { name: "inner", initializer: [outside("a")] };
  const constant = { opType: "Constant", output: ["c"], attribute: [{ name: "value", type: TENSOR, t: outside("a") }] };
  const deep = {
    opType: "If",
    input: ["x"],
    output: ["y"],
    attribute: [{ name: "then_branch", type: GRAPH, g: inner }],
  };
  const models = [
    modelOf(graphWith({ node: [constant] })),
    modelOf(graphWith({ node: [deep] })),
    modelOf(graphWith({}), { functions: [{ name: "f", domain: "d", node: [constant] }] }),
  ];
  for (const bytes of models) {
    await using model = await modelFolder(bytes);
    await expect(openPredictor(model.folder)).rejects.toThrow("tensor stolen is stored in another file");
  }
});

test("ONNX external data: a second graph, which parsers join in different ways, smuggles nothing in", async () => {
  const hidden = onnx.GraphProto.encode(graphWith({ initializer: [outside("weights.bin")], node: [using] })).finish();
  const open = onnx.GraphProto.encode(graphWith({})).finish();
  const head = onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: "", version: 17 }] }).finish();
  for (const graphs of [
    [hidden, open],
    [open, hidden],
  ]) {
    await using model = await modelFolder(Buffer.concat([head, ...graphs.map((graph) => field(7, graph))]));
    await writeFile(join(model.folder, "weights.bin"), new Uint8Array(16));
    const opened = await openPredictor(model.folder).catch((error: Error) => error);
    // Refused, or opened as the one graph that was looked at.
    if (opened instanceof Error) expect(opened.message).toMatch(/is stored in another file|not an ONNX model/);
    else {
      expect(opened.outputs).toMatchObject([{ name: "label" }, { name: "probabilities" }]);
      await opened.close();
    }
  }
});

test("a model in the runtime's own format, which no check can look into, is refused", async () => {
  await using model = await modelFolder(
    Buffer.concat([Buffer.from([24, 0, 0, 0]), Buffer.from("ORTM"), Buffer.alloc(64)]),
  );
  await expect(openPredictor(model.folder)).rejects.toThrow("onnxruntime's own format");
});

test("custom operators: one of another domain is not run, and the gate names it", async () => {
  const evil = { opType: "Exec", domain: "evil\u001b[2J\nfake", input: ["probabilities"], output: ["owned"] };
  const opsetImport = [
    { domain: "", version: 17 },
    { domain: evil.domain, version: 1 },
  ];
  await using model = await modelFolder(modelOf(graphWith({ node: [evil] }), { opsetImport }));
  await expect(openPredictor(model.folder)).rejects.toThrow(/Exec/);
  const [check] = await judgeFiles(model.folder, { operators: {} });
  expect(check).toMatchObject({ check: "schema.operators", outcome: "fail", required: true });
  expect(check?.detail).toBe(`operator domains that are not allowed: ${evil.domain} (Exec)`);
});
