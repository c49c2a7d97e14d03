import { z } from "zod";
import { contractSchema, serviceContractText } from "../data/contract/data-contract.ts";
import type { EvidenceFile } from "./promotion-proof.ts";

/** The part of the gate's report that is read here. */
const schema = z.object({ contract: z.object({ terms: contractSchema }).optional() });

/**
 * Extracts the data contract of a version's gate from the gate's report, in the format of DATA_CONTRACT. Undefined if the gate had none.
 * @param report the exact bytes that the guard has checked
 * @param say receives the reason if the report cannot be read; whether to refuse the version for it is the guard's decision
 */
export function contractOfReport(report: EvidenceFile | undefined, say: (why: string) => void): string | undefined {
  if (!report || "missing" in report) return undefined;
  try {
    const { contract } = schema.parse(JSON.parse(new TextDecoder().decode(report.bytes)));
    return contract && serviceContractText(contract.terms);
  } catch (error) {
    say(
      `requests will not be checked against a data contract: the gate's report cannot be read: ${(error as Error).message}`,
    );
    return undefined;
  }
}
