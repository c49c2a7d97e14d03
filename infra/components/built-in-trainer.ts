import { ownFile } from "../../dynamic/own-package.ts";
import { sourceHash } from "./source-hash.ts";
import type { TrainingPipelineArgs } from "./training-pipeline.ts";

/**
 * The trainer that comes with this package: logistic regression, exported to ONNX.
 * @param params `C` (inverse regularisation, 1) and `maxIterations` (200)
 */
export const builtInTrainer = (
  params: { readonly C?: number; readonly maxIterations?: number } = {},
): TrainingPipelineArgs["trainer"] => ({
  command: `node ${ownFile("training/train.ts")}`,
  params: { ...params },
  sourceHash: sourceHash([ownFile("training")]),
});
