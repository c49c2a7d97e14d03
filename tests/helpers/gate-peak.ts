// Judges a model on a snapshot in its own process: gate-peak.ts <model's folder> <snapshot>. Prints {"rows", "metrics", "isHeld", "peakMiB", "ms"} as JSON.

import { checkModel } from "../../training/gate/check-model.ts";
import { evaluationData, isHeld } from "../../training/gate/evaluation-data.ts";

const [folder = "", path = ""] = process.argv.slice(2);
const policy = { accuracy: { min: 0 }, performance: { rocAuc: { min: 0 } } };
const start = performance.now();
const { gathered, evaluation, snapshot } = await checkModel({ folder, policy }, async (model) => ({
  snapshot: await evaluationData({ path, policy }, model),
}));
process.stdout.write(
  JSON.stringify({
    rows: snapshot.rows,
    metrics: evaluation?.metrics,
    isHeld: isHeld(gathered.snapshot),
    peakMiB: process.resourceUsage().maxRSS / 1024,
    ms: performance.now() - start,
  }),
);
