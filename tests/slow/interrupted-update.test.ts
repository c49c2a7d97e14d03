import { afterAll, beforeAll, it } from "vitest";
import { convergesAfterKill } from "../helpers/killed-update.ts";
import { makeProject, type Project } from "../helpers/project.ts";

let project: Project;
beforeAll(async () => {
  project = await makeProject();
  await project.set("staging", "gate.accuracy.min", "0.85");
});
afterAll(() => project?.remove());

it.each(["churn-model-trainer", "staging-service", "staging-check", "staging-stage"])(
  "converges after the engine was killed while it worked on %s",
  (resource) => convergesAfterKill(project, resource),
);
