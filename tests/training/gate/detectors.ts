import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkModel } from "../../../training/gate/check-model.ts";
import { evaluationData } from "../../../training/gate/evaluation-data.ts";
import { parsePolicy } from "../../../training/gate/policy.ts";
import { pinnedCsv } from "../../fixtures/training/pinned-csv.ts";

/** Detectors and scikit-learn's metrics for them; see make.py. */
const fixtures = join(import.meta.dirname, "../../fixtures/gate-anomaly");
export const rows = await readFile(join(fixtures, "rows.csv"), "utf8");
export const expected = JSON.parse(await readFile(join(fixtures, "expected.json"), "utf8"));
export const FOREST = join(fixtures, "isolation-forest");
export const DISTANCE = join(fixtures, "distance");

/** Judges a detector on the fixture's rows, or on other rows. */
export async function judged(folder: string, policy: object, { csv = rows, champion = "", format = {} } = {}) {
  const path = await pinnedCsv(csv);
  const parsed = parsePolicy(policy, "gate");
  return checkModel({ folder, policy: parsed, format }, async (model) => ({
    snapshot: await evaluationData({ path, policy: parsed, format }, model),
    ...(champion && { champion: { version: "1", sha256: "s", folder: champion } }),
  }));
}

export const outcomesOf = ({ checks }: Awaited<ReturnType<typeof judged>>) =>
  Object.fromEntries(checks.map(({ check, outcome }) => [check, outcome]));

/** Returns the value of each check, or its message if it has none, so that a failed check shows its reason. */
export const valuesOf = ({ checks }: Awaited<ReturnType<typeof judged>>) =>
  checks.map(({ check, value, detail }) => [check, value ?? detail]);
