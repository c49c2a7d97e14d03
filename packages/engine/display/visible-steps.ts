/**
 * Which steps the user sees.
 * @module
 */
import { isRootStack } from "../resources/urn.ts";
import type { Step } from "../steps/step.ts";

/** A replacement's own step stands for its parts. */
const PARTS = new Set(["create-replacement", "delete-replaced", "discard-replaced", "read-replacement"]);

export function isVisible(step: Step, showSames: boolean): boolean {
  if (step.internal) return false;
  if (step.op === "same") return showSames || step.old?.protect !== step.new?.protect;
  return !PARTS.has(step.op);
}

export const isStackStep = (step: Step): boolean => isRootStack(step.urn);
