import type { InferenceSession } from "onnxruntime-node";
import { type Binding, binding, initOrt } from "onnxruntime-node/dist/binding.js";
import { PredictorError, RejectedValueError } from "./errors.ts";
import type { PlainTensor } from "./tensor.ts";

/** The runtime's names of ONNX's data types (TensorProto.DataType), without types that are not supported. */
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

/** Matches errors of lookup operators such as Gather, ArrayFeatureExtractor and OneHotEncoder. The runtime has no error codes for them. */
const REJECTED_VALUE = /out of (?:data )?bounds|out of range|invalid index found|Unknown Category|division by zero/i;

/** The native session. It reads a tensor's properties regardless of its class, and the options of a run are optional. */
type Session = Omit<Binding.InferenceSession, "run"> & {
  run(feeds: object, fetches: object): InferenceSession.ReturnType;
};

/**
 * An onnxruntime session that runs synchronously. The package's own InferenceSession adds a turn of the event loop, five promises and checks that this
 * project has already made. Together they cost as much as a small model, and the run blocks the event loop anyway. This API is not part of
 * onnxruntime-node's documented API, so package.json pins its minor version.
 */
export class NativeSession {
  readonly inputs: readonly InferenceSession.ValueMetadata[];
  readonly outputs: readonly InferenceSession.ValueMetadata[];
  readonly #session: Session;

  /** Loads the model. @throws Error with the runtime's message if it cannot run the model */
  constructor(model: Uint8Array, options: InferenceSession.SessionOptions) {
    initOrt();
    this.#session = new binding.InferenceSession() as unknown as Session;
    // A buffer from readFile is never shared memory.
    this.#session.loadModel(model.buffer as ArrayBuffer, model.byteOffset, model.byteLength, options);
    this.inputs = this.#session.inputMetadata.map(metadata);
    this.outputs = this.#session.outputMetadata.map(metadata);
  }

  /**
   * Runs the model.
   * @param fetches maps the requested outputs to the tensors to write to, or to null
   * @throws PredictorError with the runtime's message; RejectedValueError if it concerns a value of the features
   */
  run(
    feeds: Readonly<Record<string, PlainTensor>>,
    fetches: Readonly<Record<string, PlainTensor | null>>,
  ): InferenceSession.ReturnType {
    try {
      return this.#session.run(feeds, fetches);
    } catch (cause) {
      const message = `the model failed: ${cause instanceof Error ? cause.message : cause}`;
      throw REJECTED_VALUE.test(message)
        ? new RejectedValueError(message, { cause })
        : new PredictorError(message, { cause });
    }
  }

  /** Frees the session's memory. */
  release(): void {
    this.#session.dispose();
  }
}

function metadata({ name, isTensor, type, shape, symbolicDimensions }: Binding.ValueMetadata) {
  if (!isTensor) return { name, isTensor: false } as const;
  const known = TYPES[type];
  if (known === undefined) throw new Error(`${name} is a tensor of ONNX's data type ${type}, which is not supported`);
  const dimensions = shape.map((size, index) => (size === -1 ? (symbolicDimensions[index] ?? "") : size));
  return { name, isTensor: true, type: known, shape: dimensions } as const;
}
