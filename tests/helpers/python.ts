import { ensurePythonVenv } from "../../infra/targets/local/python-venv.mjs";

export const TEST_VENV = ".venv-test";
export const TEST_REQUIREMENTS = ["infra/targets/local/requirements.txt", "tests/helpers/requirements.txt"];

/** Interpreter with MLflow, scikit-learn, onnx and onnxruntime. */
export const testPython = (log?: (line: string) => void): Promise<string> =>
  ensurePythonVenv({ folder: TEST_VENV, requirements: TEST_REQUIREMENTS, ...(log && { log }) });
