/**
 * The components of this project, for Pulumi programs of other projects: `npm install model-promotion`, then
 * `import { TrainingPipeline } from "model-promotion"`. docs/library.md describes them; examples/library/ is a whole program.
 *
 * Only what is exported here is public. Within a major version, names, arguments, outputs and resource types stay compatible.
 * @module
 */
export type { DataContract } from "../../data/contract/data-contract.ts";
export type { DataFormat } from "../../data/reader/data-format.ts";
export type { EnvironmentName } from "../../registry/evidence.ts";
export { Promotion, type PromotionArgs } from "../../registry/promotion.ts";
export type { PromotionEvidence } from "../../registry/promotion-evidence.ts";
export type { PromotionOverride } from "../../registry/promotion-override.ts";
export type { RegistryInput } from "../../registry/registry-input.ts";
export { RegistryStage, type RegistryStageArgs } from "../../registry/registry-stage.ts";
export type { Policy } from "../../training/gate/policy.ts";
export { QualityGate, type QualityGateArgs } from "../../training/gate/quality-gate.ts";
export { type DataVersion, dataVersion } from "../components/data-version.ts";
export { InferenceService, type InferenceServiceArgs, type PageSources } from "../components/inference-service.ts";
export { builtInTrainer, sourceHash } from "../components/trainer-source.ts";
export { TrainingPipeline, type TrainingPipelineArgs } from "../components/training-pipeline.ts";
export type { ContainerExpectation } from "../deployment-check/container-proofs.ts";
export { DeploymentCheck, type DeploymentCheckArgs } from "../deployment-check/deployment-check.ts";
export type { ReferenceSource } from "../targets/drift-bins.ts";
export { type LocalTargetArgs, localTarget } from "../targets/local/local-target.ts";
export type {
  ApprovedModel,
  MlflowServer,
  ModelPackage,
  ModelPackageArgs,
  RunningService,
  ServiceArgs,
  ServiceContract,
  ServicePage,
  Target,
  TrainerArgs,
} from "../targets/target.ts";
export { stackId } from "../targets/target.ts";
