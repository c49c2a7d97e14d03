import { removeWorkspace } from "./workspace.ts";

await removeWorkspace();
console.log(
  "Stopped the services and the MLflow server, and removed .quickstart. (.venv and node_modules stay: they are caches.)",
);
