import { randomUUID } from "node:crypto";
import { stringify } from "yaml";

/** MLflow version whose file layout is used. */
const MLFLOW_VERSION = "3.17.2";
/** MLflow requires a Python version to load a model, even one that Python did not create. */
const PYTHON_VERSION = "3.11";
/** Python reads YAML 1.1, where `no` is false and an unquoted date is a date. */
const yaml = (content: object) => stringify(content, { version: "1.1" });

export interface ModelDescription {
  /** An ONNX model from toOnnx. */
  readonly onnx: Uint8Array<ArrayBuffer>;
  /** Names of the features, in the model's order. */
  readonly columns: readonly string[];
  /** Some rows of features that are not confidential, in the order of the columns. */
  readonly example: readonly (readonly number[])[];
  readonly runId: string;
  /** The model's labels, if not 0 and 1, in the order of the probabilities. */
  readonly labels?: readonly number[] | undefined;
}

/**
 * Creates the files of an MLflow model, by path relative to the model's folder, with the layout of `mlflow.onnx.save_model`.
 *
 * The signature is one float64 tensor [-1, columns]; `metadata.columns` names the columns. A signature with
 * named columns would turn every input into a DataFrame, for which MLflow's ONNX wrapper flattens each output into one
 * column. That fails for label [N] next to probabilities [N, 2]. float64, because MLflow requires exactly the dtype of the
 * signature, and it is the default of pandas and NumPy. The wrapper casts it to the model's float32.
 */
export function modelFiles({ onnx, columns, example, runId, labels }: ModelDescription) {
  const table = { columns, data: example };
  const mlmodel = {
    artifact_path: "model",
    flavors: {
      onnx: { data: "model.onnx", providers: ["CPUExecutionProvider"] },
      python_function: {
        data: "model.onnx",
        env: { virtualenv: "python_env.yaml" },
        loader_module: "mlflow.onnx",
        python_version: PYTHON_VERSION,
      },
    },
    // What the graph does not reveal: docs/models.md.
    metadata: { columns, ...(labels && { prediction: { classes: labels } }) },
    mlflow_version: MLFLOW_VERSION,
    model_uuid: randomUUID().replaceAll("-", ""),
    run_id: runId,
    saved_input_example_info: {
      artifact_path: "input_example.json",
      pandas_orient: "split",
      serving_input_path: "serving_input_example.json",
      type: "dataframe",
    },
    signature: {
      inputs: JSON.stringify([tensor("float64", [-1, columns.length])]),
      outputs: JSON.stringify([
        { ...tensor("int64", [-1]), name: "label" },
        { ...tensor("float32", [-1, 2]), name: "probabilities" },
      ]),
      params: null,
    },
    utc_time_created: new Date().toISOString().replace("T", " ").replace("Z", "000"),
  };
  return new Map<string, Uint8Array<ArrayBuffer> | string>([
    // JSON is valid YAML, and the service reads it without loading a YAML parser: a fifth of its startup time.
    ["MLmodel", `${JSON.stringify(mlmodel, null, 2)}\n`],
    ["model.onnx", onnx],
    ["input_example.json", JSON.stringify(table)],
    ["serving_input_example.json", JSON.stringify({ dataframe_split: table })],
    ["requirements.txt", `mlflow==${MLFLOW_VERSION}\nonnx\nonnxruntime\n`],
    ["python_env.yaml", yaml({ python: PYTHON_VERSION, dependencies: ["-r requirements.txt"] })],
  ]);
}

const tensor = (dtype: string, shape: readonly number[]) => ({ type: "tensor", "tensor-spec": { dtype, shape } });
