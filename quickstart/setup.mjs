// @ts-check
// Shared by start.mjs and the rest. Plain JavaScript, because an older Node may run start.mjs.
export const USAGE =
  "usage: npm run quickstart -- [--verbose] [--engine embedded|pulumi] [--mlflow-port N] [--staging-port N] [--production-port N]";

/**
 * Python environment of the quickstart's MLflow server.
 * @type {import("../infra/targets/local/python-venv.mjs").PythonVenvOptions}
 */
export const PYTHON_ENVIRONMENT = {
  folder: ".venv",
  requirements: ["infra/targets/local/requirements.txt"],
  // Compiled during installation; otherwise the server would compile them before its first response.
  warmUp: ["mlflow.cli", "mlflow.server.fastapi_app", "mlflow.store.tracking.sqlalchemy_store"],
};
