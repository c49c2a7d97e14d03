import type { InferenceSession } from "onnxruntime-node";
import { type Binding, binding, initOrt } from "onnxruntime-node/dist/binding.js";
import { PredictorError, RefusedValueError } from "./errors.ts";
import type { PlainTensor } from "./tensor.ts";

/** ONNX's data types by number (TensorProto.DataType), in the runtime's words; those that no classifier has are not named. */
const TYPES: Readonly<Record<number, InferenceSession.TensorValueMetadata["type"]>> = {
  1: "float32",
  2: "uint8",
  3: "int8",
  4: "uint16",
  5: "int16",
  6: "int32",
  7: "int64",
  8: "string",
  9: "bool",
  10: "float16",
  11: "float64",
  12: "uint32",
  13: "uint64",
};

/** What the operators say that look a value up, such as Gather, ArrayFeatureExtractor and OneHotEncoder. The runtime gives no code of it. */
const REFUSED_VALUE = /out of (?:data )?bounds|out of range|invalid index found|Unknown Category|division by zero/i;

/** The native part reads a tensor's members whatever its class is, and has options of its own for a run that is given none. */
type Session = Omit<Binding.InferenceSession, "run"> & {
  run(feeds: object, fetches: object): InferenceSession.ReturnType;
};

/**
 * A session of onnxruntime that runs at once. The package's own InferenceSession wraps the same call in a turn of the event loop, five promises and
 * checks of what this project has checked already, which together cost as much as a small model does; and while it runs, it blocks
 * all the same. package.json allows no other minor version of onnxruntime-node, since this is below its documented surface.
 */
export class NativeSession {
  readonly inputs: readonly InferenceSession.ValueMetadata[];
  readonly outputs: readonly InferenceSession.ValueMetadata[];
  readonly #session: Session;

  /** Throws Error, in the runtime's words, when the bytes are no model that it can run. */
  constructor(model: Uint8Array, options: InferenceSession.SessionOptions) {
    initOrt();
    this.#session = new binding.InferenceSession() as unknown as Session;
    // What readFile gives never stands in shared memory.
    this.#session.loadModel(model.buffer as ArrayBuffer, model.byteOffset, model.byteLength, options);
    this.inputs = this.#session.inputMetadata.map(metadata);
    this.outputs = this.#session.outputMetadata.map(metadata);
  }

  /**
   * `fetches` names the outputs that are wanted, with the tensors that they are to be written to, or null.
   * @throws PredictorError in the runtime's words; RefusedValueError where they are of a value that was fed
   */
  run(
    feeds: Readonly<Record<string, PlainTensor>>,
    fetches: Readonly<Record<string, PlainTensor | null>>,
  ): InferenceSession.ReturnType {
    try {
      return this.#session.run(feeds, fetches);
    } catch (cause) {
      const message = `the model failed: ${cause instanceof Error ? cause.message : cause}`;
      throw REFUSED_VALUE.test(message)
        ? new RefusedValueError(message, { cause })
        : new PredictorError(message, { cause });
    }
  }

  /** Frees its memory. */
  release(): void {
    this.#session.dispose();
  }
}

function metadata({ name, isTensor, type, shape, symbolicDimensions }: Binding.ValueMetadata) {
  if (!isTensor) return { name, isTensor: false } as const;
  const known = TYPES[type];
  if (known === undefined) throw new Error(`${name} is a tensor of ONNX's data type ${type}, which is not served`);
  const dimensions = shape.map((size, index) => (size === -1 ? (symbolicDimensions[index] ?? "") : size));
  return { name, isTensor: true, type: known, shape: dimensions } as const;
}
