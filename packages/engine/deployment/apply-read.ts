/**
 * Reads a resource that the stack does not own.
 * @module
 */

import { UNKNOWN_STRING } from "../properties/value.ts";
import { equal } from "../properties/walk.ts";
import { type Step, subjectOf } from "../steps/step.ts";
import type { DeploymentContext } from "./deployment-context.ts";

export async function applyRead(context: DeploymentContext, step: Step): Promise<void> {
  const next = subjectOf(step);
  const { old } = step;
  // In a preview, the id may not be known yet.
  if (next.id !== UNKNOWN_STRING) {
    const { id, inputs } = next;
    const found = await context.providerOf(next).read({ urn: next.urn, id, inputs, state: inputs, timeout: 0 });
    if (found.id === "" && Object.keys(found.outputs).length === 0) throw new Error(`resource '${id}' does not exist`);
    next.outputs = found.outputs;
    if (found.id !== "") next.id = found.id;
  }
  if (step.op === "read-replacement" && old) old.delete = true;
  if (!old) return;
  next.created = old.created;
  next.modified = old.modified;
  if (!equal(next.inputs, old.inputs) || !equal(next.outputs ?? {}, old.outputs ?? {}))
    next.modified = new Date().toISOString();
}
