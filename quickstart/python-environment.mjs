// @ts-check
/**
 * The quickstart's Python: what its MLflow server runs in.
 * @type {import("../infra/targets/local/python-venv.mjs").PythonVenvOptions}
 */
export const PYTHON_ENVIRONMENT = {
  folder: ".venv",
  requirements: ["infra/targets/local/requirements.txt"],
  // The server would compile these while somebody waits for its first answer.
  warmUp: ["mlflow.cli", "mlflow.server.fastapi_app", "mlflow.store.tracking.sqlalchemy_store"],
};
