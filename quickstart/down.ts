import { removeWorkspace } from "./workspace.ts";

await removeWorkspace();
console.log(
  "Stopped the services and the MLflow server, and removed .quickstart. (The caches .venv and node_modules are kept.)",
);
