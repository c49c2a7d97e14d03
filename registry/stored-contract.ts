import { z } from "zod";
import { contractSchema } from "../data/contract/data-contract.ts";
import { serviceContractText } from "../data/contract/service-contract.ts";
import { downloadJson } from "./artifacts.ts";
import { isSilence } from "./errors.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { ModelVersion } from "./model-versions.ts";

/** As much of the gate's report as is read here. */
const schema = z.object({ contract: z.object({ terms: contractSchema }).optional() });

/**
 * Reads the data contract by which a version was judged, as DATA_CONTRACT has it. Undefined where its gate had none.
 * @param report artifact URI of the gate's report by which the version was approved; empty or undefined without one
 * @param say gets the reason where the report cannot be read: the guard decides whether that is a reason to refuse the version
 */
export async function readStoredContract(
  client: MlflowClient,
  version: Pick<ModelVersion, "name" | "version">,
  report: string | undefined,
  say: (why: string) => void,
): Promise<string | undefined> {
  if (!report) return undefined;
  const cut = report.lastIndexOf("/");
  try {
    const { contract } = schema.parse(await downloadJson(client, report.slice(0, cut), report.slice(cut + 1)));
    return contract && serviceContractText(contract.terms);
  } catch (error) {
    if (isSilence(error)) throw error;
    say(
      `requests of ${version.name} version ${version.version} will not be held against a data contract: the gate's report ${report} cannot be read: ` +
        `${(error as Error).message}. Judge the version again in staging`,
    );
    return undefined;
  }
}
