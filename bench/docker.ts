// Measures target docker on the official CLI, with a registry on this machine, under 200 requests per second.
// Ends with one line of JSON: {"imageMb", "unrelatedEditChanges", "secondUpChanges", "promotionImagesMade",
// "switchFailedRequests", "preflightFailedRequests", "preflightServed", ...}. Changes are 0, or null if there were any.

import { makeDockerProject } from "../tests/docker/helpers/docker-project.ts";
import { dockerStory } from "../tests/docker/helpers/docker-story.ts";
import { missingForCli } from "../tests/docker/helpers/engine.ts";

const missing = missingForCli();
if (missing.length > 0) throw new Error(`this machine lacks: ${missing.join(", ")}`);
await using project = await makeDockerProject();
const story = await dockerStory(project, (line) => console.log(line));
const { pushed, switched, preflight, promoted } = story;
const failed = (...runs: readonly { exitCode: number; output: string }[]) => {
  for (const { exitCode, output } of runs) if (exitCode !== 0) console.log(output);
};
failed(pushed, switched, promoted, story.unrelated, story.again);
console.log(
  JSON.stringify({
    imageMb: story.imageMb,
    unrelatedEditChanges: story.unrelated.exitCode === 0 ? 0 : null,
    secondUpChanges: story.again.exitCode === 0 ? 0 : null,
    promotionImagesMade: promoted.imagesMade,
    switchRequests: pushed.load.sent + switched.load.sent,
    switchFailedRequests: pushed.load.failed.length + switched.load.failed.length,
    preflightRequests: preflight.load.sent,
    preflightFailedRequests: preflight.load.failed.length,
    preflightServed: preflight.served,
  }),
);
