/**
 * Reads the outputs of another stack of the same backend.
 * @module
 */
import { UserError } from "../failure.ts";
import type { ReadStackOutputs } from "../providers/stack-reference.ts";
import { isRootStack } from "../resources/urn.ts";
import type { SecretMask } from "../secrets/mask.ts";
import { checkMeta, stackExists } from "../state/backend.ts";
import { type Layout, parseStackName } from "../state/layout.ts";
import { readSnapshot } from "./open-stack.ts";

export const readOutputsOf =
  (layout: Layout, project: string, mask: SecretMask): ReadStackOutputs =>
  async (reference) => {
    const name = parseStackName(reference, project);
    checkMeta(layout);
    if (!stackExists(layout, name)) throw new UserError(`unknown stack "${reference}"`);
    const { resources } = await readSnapshot(layout, name, undefined, mask);
    const outputs = resources.find((state) => isRootStack(state.urn) && !state.delete)?.outputs ?? {};
    mask.addAll(outputs);
    return outputs;
  };
