import type { ModelVersion } from "../../registry/model-versions.ts";

/** Returns a version with these tags. */
export const versionWith = (tags: Record<string, string> = {}, stage = "None"): ModelVersion => ({
  name: "churn-model",
  version: "3",
  runId: "run",
  stage,
  status: "READY",
  source: "models:/m-1",
  tags,
  aliases: [],
  description: "",
});
