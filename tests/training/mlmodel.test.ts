import { expect, test } from "vitest";
import { parse } from "yaml";
import { modelFiles } from "../../training/mlmodel.ts";

const files = modelFiles({ onnx: Uint8Array.of(1), columns: ["age", "n"], example: [[1, 2]], runId: "0123" });
const mlmodel = parse(String(files.get("MLmodel")), { version: "1.1" });

test("every file that MLmodel names exists", () => {
  const { flavors, saved_input_example_info: example } = mlmodel;
  for (const path of [
    flavors.onnx.data,
    flavors.python_function.data,
    flavors.python_function.env.virtualenv,
    example.artifact_path,
    example.serving_input_path,
  ])
    expect(files.has(path), path).toBe(true);
});

test("declares a float64 input with any number of rows, and the outputs label and probabilities", () => {
  expect(JSON.parse(mlmodel.signature.inputs)).toEqual([
    { type: "tensor", "tensor-spec": { dtype: "float64", shape: [-1, 2] } },
  ]);
  expect(JSON.parse(mlmodel.signature.outputs)).toMatchObject([{ name: "label" }, { name: "probabilities" }]);
});

test("names the columns in its metadata and in the input example", () => {
  expect(mlmodel.metadata.columns).toEqual(["age", "n"]);
  expect(JSON.parse(String(files.get("input_example.json")))).toEqual({ columns: ["age", "n"], data: [[1, 2]] });
});

test("names that YAML 1.1 would read as numbers or booleans stay text", () => {
  expect(mlmodel.run_id).toBe("0123");
  expect(mlmodel.metadata.columns).toContain("n");
});
