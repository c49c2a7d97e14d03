import * as checks from "../../../training/gate/checks/slices.ts";
import { measureSlices } from "../../../training/gate/measure-slices.ts";

/** Measures the groups and judges the slices. */
export function judgeSlices(...[evaluation, snapshot, policy, reference]: Parameters<typeof measureSlices>) {
  return checks.judgeSlices(evaluation, measureSlices(evaluation, snapshot, policy, reference), policy);
}
