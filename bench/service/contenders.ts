import { join } from "node:path";
import type { Contender } from "./processes.ts";

const SERVERS = join(import.meta.dirname, "servers");
const NODE = process.execPath;
/** This service, started like `npm run serve`. */
const SERVE = [NODE, "--max-semi-space-size=4", "service/start.mjs"];

export const SERVICE = "this service";
export const ECHO = "node:http echo";
export const HONO_ECHO = "Hono echo";
export const FASTAPI = "FastAPI + onnxruntime";
export const FLASK = "Flask + scikit-learn";

/** This service and its limits: Node's HTTP and JSON, plain and with Hono. */
export const nodeContenders = (modelFolder: string): Contender[] => [
  { name: SERVICE, command: SERVE, environment: { MODEL_URI: modelFolder }, path: "/predict" },
  { name: ECHO, command: [NODE, join(SERVERS, "echo.mjs")], path: "/predict" },
  { name: HONO_ECHO, command: [NODE, join(SERVERS, "hono-echo.mjs")], path: "/predict" },
];

/** The alternatives, one process each. Each has its own Python environment, because their required versions conflict. */
export const PEERS = [
  { name: FASTAPI, requirements: ["fastapi", "uvicorn", "onnxruntime", "numpy", "httptools", "uvloop"] },
  { name: FLASK, requirements: ["flask", "scikit-learn", "numpy"] },
  { name: "mlflow models serve", requirements: ["mlflow", "onnx", "onnxruntime"] },
  { name: "BentoML", requirements: ["bentoml", "onnxruntime", "numpy"] },
  { name: "LitServe", requirements: ["litserve", "onnxruntime", "numpy"] },
  { name: "MLServer", requirements: ["mlserver", "onnxruntime", "numpy"] },
] as const;
export type PeerName = (typeof PEERS)[number]["name"];

/** FastAPI with the model with typed columns. */
export function mixedFastapi(bin: string, modelFolder: string): Contender {
  return { ...fastapi("mixed_fastapi_server", bin), environment: { MODEL_FOLDER: modelFolder }, startSeconds: 120 };
}

const fastapi = (app: string, bin: string) => ({
  name: FASTAPI,
  command: [
    join(bin, "python"),
    "-m",
    "uvicorn",
    "--app-dir",
    SERVERS,
    `${app}:app`,
    "--port",
    "{port}",
    "--log-level",
    "error",
  ],
  path: "/predict",
});

/** Returns the command that starts a peer from its environment. */
export function peerContender(name: PeerName, bin: string, modelFolder: string): Contender {
  const common = {
    environment: { MODEL_FOLDER: modelFolder, MLFLOW_DISABLE_TELEMETRY: "true", BENTOML_DO_NOT_TRACK: "true" },
    startSeconds: 120,
  };
  const python = join(bin, "python");
  switch (name) {
    case FASTAPI:
      return { ...common, ...fastapi("fastapi_server", bin) };
    case FLASK:
      return { ...common, name, command: [python, join(SERVERS, "flask_server.py"), "{port}"], path: "/predict" };
    case "mlflow models serve":
      return {
        ...common,
        name,
        command: [
          join(bin, "mlflow"),
          "models",
          "serve",
          "-m",
          modelFolder,
          "-p",
          "{port}",
          "--env-manager",
          "local",
          "-w",
          "1",
        ],
        environment: { ...common.environment, PATH: `${bin}:${process.env.PATH}` },
        path: "/invocations",
        body: (rows) => JSON.stringify({ inputs: rows }),
      };
    case "BentoML":
      return {
        ...common,
        name,
        command: [join(bin, "bentoml"), "serve", "bentoml_server:Churn", "--working-dir", SERVERS, "--port", "{port}"],
        path: "/predict",
      };
    case "LitServe":
      return { ...common, name, command: [python, join(SERVERS, "litserve_server.py"), "{port}"], path: "/predict" };
    case "MLServer":
      return {
        ...common,
        name,
        command: [python, join(SERVERS, "mlserver_server.py"), "{port}"],
        environment: { ...common.environment, PYTHONPATH: SERVERS },
        path: "/v2/models/churn/infer",
        body: (rows) =>
          JSON.stringify({
            inputs: [{ name: "X", shape: [rows.length, rows[0]?.length ?? 0], datatype: "FP32", data: rows.flat() }],
          }),
      };
  }
}
