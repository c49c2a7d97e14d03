/**
 * Has a provider check inputs and reports its failures.
 * @module
 */
import { inTheClear, storeMap } from "../properties/stored.ts";
import type { PropertyMap, Value } from "../properties/value.ts";
import { Secret, Unknown } from "../properties/value.ts";
import { rewrite } from "../properties/walk.ts";
import type { ResourceState } from "../resources/state.ts";
import { nameOf } from "../resources/urn.ts";
import type { DeploymentContext } from "./deployment-context.ts";

/** A value in a message: secrets and unknowns by name. */
export function describeValue(value: Value): string {
  const shown = rewrite(value, (v) => (v instanceof Secret ? "[secret]" : v instanceof Unknown ? "[unknown]" : v));
  if (typeof shown === "string") return `{${shown}}`;
  return JSON.stringify(storeMap({ value: shown }, inTheClear).value);
}

/** The checked inputs, or undefined when the provider refuses them. */
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
