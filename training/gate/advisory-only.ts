import { z } from "zod";
import { ADVISORY_BY_DEFAULT } from "./checks/leakage.ts";
import { unwrap } from "./nearest-key.ts";
import { type Policy, policySchema } from "./policy.ts";

interface Bound {
  readonly path: readonly string[];
  readonly isAdvisory: boolean;
}

/** Finds the parts of a policy that accept a `level`. */
function boundsIn(schema: z.ZodType, value: unknown, path: readonly string[] = []): Bound[] {
  if (typeof value !== "object" || value === null) return [];
  const here = unwrap(schema);
  const below = Object.entries(value).filter(([, inner]) => inner !== undefined);
  if (here instanceof z.ZodRecord)
    return below.flatMap(([name, inner]) => boundsIn(here.valueType as z.ZodType, inner, [...path, name]));
  if (!(here instanceof z.ZodObject)) return [];
  if ("level" in here.shape) {
    const { level } = value as { readonly level?: unknown };
    const isAdvisory = level === "advisory" || (level === undefined && ADVISORY_BY_DEFAULT.has(path.join(".")));
    return [{ path, isAdvisory }];
  }
  return below.flatMap(([key, inner]) => {
    const keySchema = here.shape[key] as z.ZodType | undefined;
    return keySchema ? boundsIn(keySchema, inner, [...path, key]) : [];
  });
}

export const ADVISORY_ONLY =
  "must not be advisory: all checks of the policy are advisory, so no version could pass. Make at least one bound required";

/**
 * Finds the first bound of a policy without any required check, which fails every version.
 * @param hasContract whether the stack has a data contract, which is required unless the policy says otherwise
 * @returns undefined if a check is required; `champion.first` always is
 */
export function advisoryOnly(policy: Policy, hasContract: boolean): string | undefined {
  if (policy.champion || (hasContract && policy.data?.contract === undefined)) return undefined;
  const bounds = boundsIn(policySchema, policy);
  return bounds.every(({ isAdvisory }) => isAdvisory) ? bounds[0]?.path.concat("level").join(".") : undefined;
}
