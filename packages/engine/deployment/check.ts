/**
 * Lets a provider check inputs, and reports its failures.
 * @module
 */
import { inTheClear, storeMap } from "../properties/stored.ts";
import type { PropertyMap, Value } from "../properties/value.ts";
import { Secret, Unknown } from "../properties/value.ts";
import { rewrite } from "../properties/walk.ts";
import type { ResourceState } from "../resources/state.ts";
import { nameOf } from "../resources/urn.ts";
import type { DeploymentContext } from "./deployment-context.ts";

/** Formats a value for a message, with placeholders for secrets and unknowns. */
function describeValue(value: Value): string {
  const redacted = rewrite(value, (v) => (v instanceof Secret ? "[secret]" : v instanceof Unknown ? "[unknown]" : v));
  if (typeof redacted === "string") return `{${redacted}}`;
  return JSON.stringify(storeMap({ value: redacted }, inTheClear).value);
}

/** Returns the checked inputs, or undefined if the provider rejects them. */
export async function checkInputs(
  context: DeploymentContext,
  state: ResourceState,
  olds: PropertyMap | undefined,
  news: PropertyMap,
): Promise<PropertyMap | undefined> {
  const { preview, observer } = context.options;
  const { inputs, failures } = await context.providerOf(state).check({ urn: state.urn, olds, news, preview });
  for (const { property, reason } of failures) {
    const where = `${state.type} resource '${nameOf(state.urn)}'`;
    const what =
      property === ""
        ? `${where} has a problem: ${reason}`
        : `${where}: property ${property} value ${describeValue(news[property] ?? null)} has a problem: ${reason}`;
    observer.diagnostic({ urn: state.urn, severity: "error", message: what });
  }
  return failures.length > 0 ? undefined : inputs;
}
