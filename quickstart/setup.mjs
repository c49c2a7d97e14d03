// @ts-check
// What start.mjs, which an older Node may run, shares with the rest.
export const USAGE =
  "usage: npm run quickstart -- [--verbose] [--engine embedded|pulumi] [--mlflow-port N] [--staging-port N] [--production-port N]";

/**
 * Python environment of the quickstart's MLflow server.
 * @type {import("../infra/targets/local/python-venv.mjs").PythonVenvOptions}
 */
export const PYTHON_ENVIRONMENT = {
  folder: ".venv",
  requirements: ["infra/targets/local/requirements.txt"],
  // Compiled now, because the server would otherwise compile them before its first response.
  warmUp: ["mlflow.cli", "mlflow.server.fastapi_app", "mlflow.store.tracking.sqlalchemy_store"],
};
