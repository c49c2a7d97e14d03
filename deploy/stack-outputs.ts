import { type RunOptions, runPulumi } from "./pulumi-run.ts";

/** Outputs of a production stack that commands need. */
export interface ProductionOutputs {
  readonly trackingUri: string;
  readonly modelName: string;
  readonly url: string;
  /** PEM; undefined if the guard requires no signatures. */
  readonly gatePublicKey?: string;
}

/**
 * Reads the outputs of the stack's last successful update.
 * @throws Error with the engine's output
 */
export async function readStackOutputs(stack: string, options: RunOptions): Promise<Record<string, unknown>> {
  const args = ["stack", "output", "--json", "--stack", stack];
  const { exitCode, output } = await runPulumi(args, { ...options, quiet: true });
  if (exitCode !== 0) throw new Error(`the outputs of stack ${stack} cannot be read:\n${output.trim()}`);
  // A warning may precede it.
  return JSON.parse(output.slice(output.indexOf("{"))) as Record<string, unknown>;
}

/**
 * Reads the outputs of a production stack's last successful update.
 * @throws Error that says what is missing
 */
export async function readProductionOutputs(stack: string, options: RunOptions): Promise<ProductionOutputs> {
  const outputs = await readStackOutputs(stack, options);
  const text = (key: string): string => {
    const value = outputs[key];
    if (typeof value === "string") return value;
    throw new Error(
      `stack ${stack} has no output ${key}: it has not completed an update yet. Run pulumi up -s ${stack} until it succeeds`,
    );
  };
  return {
    trackingUri: text("trackingUri"),
    modelName: text("modelName"),
    url: text("url"),
    ...(typeof outputs.gatePublicKey === "string" && { gatePublicKey: outputs.gatePublicKey }),
  };
}
