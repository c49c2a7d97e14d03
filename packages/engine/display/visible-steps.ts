/**
 * Decides which steps are shown.
 * @module
 */
import { isRootStack } from "../resources/urn.ts";
import type { Step } from "../steps/step.ts";

/** Parts of a replacement, which its own step represents. */
const PARTS = new Set(["create-replacement", "delete-replaced", "discard-replaced", "read-replacement"]);

export function isVisible(step: Step, showSames: boolean): boolean {
  if (step.internal) return false;
  if (step.op === "same") return showSames || step.old?.protect !== step.new?.protect;
  return !PARTS.has(step.op);
}

export const isStackStep = (step: Step): boolean => isRootStack(step.urn);
