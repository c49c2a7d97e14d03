import { z } from "zod";
import { downloadJson } from "./artifacts.ts";
import { RegistryError } from "./errors.ts";
import { readGateEvidence } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { ModelVersion } from "./model-versions.ts";

/** As much of the gate's report as others read. */
const schema = z.object({
  format: z.enum(["gate-report/1", "gate-report/2"]),
  samples: z.array(z.object({ features: z.array(z.number()), label: z.number(), positive: z.number().nullable() })),
});

export type GateReportExtract = z.infer<typeof schema>;

/** Reads the report that the gate left for a version. Throws RegistryError when there is none or it cannot be read. */
export async function readGateReport(client: MlflowClient, version: ModelVersion): Promise<GateReportExtract> {
  const what = `gate report of ${version.name} version ${version.version}`;
  const evidence = readGateEvidence(version);
  if (!evidence) throw new RegistryError(`there is no ${what}: the gate has not judged it`);
  const cut = evidence.report.lastIndexOf("/");
  try {
    return schema.parse(await downloadJson(client, evidence.report.slice(0, cut), evidence.report.slice(cut + 1)));
  } catch (cause) {
    throw new RegistryError(`the ${what} at ${evidence.report} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
