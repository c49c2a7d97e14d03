/** Defaults of target local, for this project's config and for the library's arguments. */
export const LOCAL_DEFAULTS = { dataFolder: ".local", pythonVenv: ".venv", mlflowPort: 5050 } as const;

/** Inputs of the local MLflow server's command. */
export interface MlflowServerSettings {
  /** Interpreter of an environment with MLflow. */
  readonly python: string;
  readonly port: number;
  /** Folder for the SQLite database and the artifacts; absolute, or relative to where the server is started. */
  readonly dataFolder: string;
}

/** Returns the command line of an MLflow server that only this machine can reach: SQLite, proxied artifacts, one worker. */
export function mlflowCommand({ python, port, dataFolder }: MlflowServerSettings): string[] {
  return [
    python,
    "-m",
    "mlflow",
    "server",
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--workers",
    "1",
    "--backend-store-uri",
    `sqlite:///${dataFolder}/mlflow.db`,
    "--serve-artifacts",
    "--artifacts-destination",
    `${dataFolder}/artifacts`,
  ];
}

/** No telemetry, no job workers (they use 1.5 GB), and cached bytecode, which halves the time of the next start. */
export const MLFLOW_ENVIRONMENT: Readonly<Record<string, string>> = {
  MLFLOW_DISABLE_TELEMETRY: "true",
  DO_NOT_TRACK: "true",
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
  PYTHONDONTWRITEBYTECODE: "",
};
