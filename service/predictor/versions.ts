import { createRequire } from "node:module";
import type { onnx as Onnx } from "onnx-proto";
import { PredictorError } from "./errors.ts";
import { visit } from "./onnx-summary.ts";

/** Newest versions that onnxruntime 1.30 supports. */
const NEWEST = { ir: 13, opset: 26 } as const;
/** Newest versions whose changes this file covers: onnx 1.23. */
const KNOWN = { ir: 14, opset: 28 } as const;
/** Highest tensor data type of IR 13 (INT2). IR 14 only adds types. */
const LAST_TYPE = 26;

/** Operators of the standard domain that opsets 27 and 28 added or changed (onnx.defs.get_all_schemas_with_history() of onnx 1.23). */
const CHANGED = new Set([
  "CausalConvWithState",
  "LinearAttention",
  "Range",
  "BitShift",
  "Cast",
  "Celu",
  "Compress",
  "DepthToSpace",
  "DequantizeLinear",
  "Einsum",
  "Mod",
  "OneHot",
  "Optional",
  "OptionalGetElement",
  "OptionalHasElement",
  "QuantizeLinear",
  "ReduceLogSum",
  "ReduceLogSumExp",
  "ReverseSequence",
  "SpaceToDepth",
  "SwiGLU",
  "Unique",
]);

/** Whether the runtime rejected a model as newer than itself. */
export const isTooNew = (error: unknown): boolean =>
  error instanceof Error && /max supported IR version|official released onnx opset/.test(error.message);

/**
 * Declares a model that is newer than the runtime as the newest supported version, in place. The model must not use a type or operator that was added or
 * changed since.
 * @throws PredictorError that names the newer feature, and how to export the model for this runtime
 */
export function lowerVersions(model: Onnx.IModelProto): void {
  const ir = Number(model.irVersion);
  const standard = (model.opsetImport ?? []).find(({ domain }) => !domain || domain === "ai.onnx");
  const opset = Number(standard?.version ?? 0);
  const refuse = (why: string): never => {
    throw new PredictorError(
      `it has IR version ${ir} and opset ${opset}; the runtime supports up to IR ${NEWEST.ir} and opset ${NEWEST.opset}, and ${why}. ` +
        `Export it with target_opset=${NEWEST.opset} or less and set model.ir_version = ${Math.min(NEWEST.ir, 10)} before you log it`,
    );
  };
  if (ir > KNOWN.ir || opset > KNOWN.opset) refuse("the changes in newer versions are not known");
  const used = new Set<string>();
  visit(model, {
    node: ({ domain, opType }) => {
      if (!domain || domain === "ai.onnx") used.add(opType ?? "");
    },
    tensor: ({ dataType }) => {
      if ((dataType ?? 0) > LAST_TYPE) refuse(`a tensor has data type ${dataType}, which is newer`);
    },
  });
  if (opset > NEWEST.opset) {
    const changed = [...used].filter((name) => CHANGED.has(name));
    if (changed.length > 0) refuse(`the operators ${changed.join(", ")} have changed since`);
    if (standard) standard.version = NEWEST.opset;
    for (const { opsetImport } of model.functions ?? [])
      for (const one of opsetImport ?? [])
        if ((!one.domain || one.domain === "ai.onnx") && Number(one.version) > NEWEST.opset) one.version = NEWEST.opset;
  }
  if (ir > NEWEST.ir) model.irVersion = NEWEST.ir;
}

let name: string | undefined;

/**
 * Returns the runtime of this process: onnxruntime's version and the platform, such as `onnxruntime 1.30.0, linux-x64`. Another runtime may predict
 * differently, so the evidence records the runtime, and the gate runs again if it changes.
 */
export function runtimeName(): string {
  name ??= `onnxruntime ${installedVersion()}, ${process.platform}-${process.arch}`;
  return name;
}

function installedVersion(): string {
  const { version }: { version?: unknown } = createRequire(import.meta.url)("onnxruntime-node/package.json");
  if (typeof version !== "string") throw new Error("the package.json of onnxruntime-node has no version");
  return version;
}
