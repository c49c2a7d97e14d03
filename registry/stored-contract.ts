import { z } from "zod";
import { contractSchema, serviceContractText } from "../data/contract/data-contract.ts";
import type { EvidenceFile } from "./promotion-proof.ts";

/** As much of the gate's report as is read here. */
const schema = z.object({ contract: z.object({ terms: contractSchema }).optional() });

/**
 * Takes the data contract by which a version was judged out of the gate's report, as DATA_CONTRACT has it. Undefined where its gate had none.
 * @param report the very bytes that the guard has checked
 * @param say gets the reason where a report cannot be read: whether that is a reason to refuse the version is the guard's decision
 */
export function contractOfReport(report: EvidenceFile | undefined, say: (why: string) => void): string | undefined {
  if (!report || "missing" in report) return undefined;
  try {
    const { contract } = schema.parse(JSON.parse(new TextDecoder().decode(report.bytes)));
    return contract && serviceContractText(contract.terms);
  } catch (error) {
    say(
      `requests will not be held against a data contract: the gate's report cannot be read: ${(error as Error).message}`,
    );
    return undefined;
  }
}
