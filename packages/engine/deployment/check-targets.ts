/**
 * Reports flags that name a missing resource.
 * @module
 */
import type { UrnTargets } from "../steps/urn-targets.ts";
import type { DeploymentContext } from "./deployment-context.ts";

/** Reports each URN that is neither in the state nor registered by this run. Returns whether there was one. Patterns may match nothing. */
export function missingTargets({ options, decisions }: DeploymentContext, targets: UrnTargets): boolean {
  const known = new Set(options.base.resources.map(({ urn }) => urn));
  const missing = [...targets.literals].filter((urn) => !known.has(urn) && !decisions.urns.has(urn));
  for (const urn of missing) {
    const hint = urn.includes("$") ? "" : " Did you forget to escape $ in your shell?";
    options.observer.diagnostic({
      urn: "",
      severity: "error",
      message: `Target '${urn}' could not be found in the stack.${hint}`,
    });
  }
  return missing.length > 0;
}
