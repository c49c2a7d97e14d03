import * as pulumi from "@pulumi/pulumi";
import type { RegistryInput } from "../../registry/registry-input.ts";
import type { QualityGateInputs } from "../../training/gate/quality-gate-provider.ts";

/** What the gate will be given, but for what only an update knows. */
export interface ComingGate extends Omit<QualityGateInputs, "registry" | "version" | "signingKey"> {
  readonly registry: RegistryInput;
  /** Unknown in a preview that will train: there is nothing to judge yet then. */
  readonly version: pulumi.Output<string>;
}

/**
 * In a preview of an update that will judge a version anew (another policy, other data), judges it now, without writing
 * anything, and tells the verdict that the update will come to. Does nothing in an update, or when nothing changes.
 */
export function tellComingVerdict({ registry, version, ...task }: ComingGate, resource: pulumi.Resource): void {
  if (!pulumi.runtime.isDryRun()) return;
  pulumi.all([registry, version]).apply(async ([access, known]) => {
    try {
      // Loaded here: an update does without.
      const { comingVerdict } = await import("../../training/gate/coming-verdict.ts");
      const told = await comingVerdict({ ...task, registry: access, version: known });
      if (told !== undefined) await pulumi.log.info(told, resource);
    } catch (error) {
      await pulumi.log.warn(`the coming verdict cannot be told: ${(error as Error).message}`, resource);
    }
  });
}
