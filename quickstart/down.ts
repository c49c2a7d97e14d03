import { removeWorkspace } from "./workspace.ts";

console.log(
  (await removeWorkspace())
    ? "Stopped the services and the MLflow server, and removed .quickstart. (.venv and node_modules stay: they are caches.)"
    : "There is nothing to remove: no .quickstart here.",
);
