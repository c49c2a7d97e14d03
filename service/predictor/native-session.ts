import type { InferenceSession } from "onnxruntime-node";
import { type Binding, binding, initOrt } from "onnxruntime-node/dist/binding.js";
import { PredictorError, RefusedValueError } from "./errors.ts";
import type { PlainTensor } from "./tensor.ts";

/** The runtime's names of ONNX's data types (TensorProto.DataType); types that no classifier uses are left out. */
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

/** Messages of lookup operators such as Gather, ArrayFeatureExtractor and OneHotEncoder. The runtime gives no error code. */
const REFUSED_VALUE = /out of (?:data )?bounds|out of range|invalid index found|Unknown Category|division by zero/i;

/** The native part reads a tensor's properties regardless of its class, and has default options for a run. */
type Session = Omit<Binding.InferenceSession, "run"> & {
  run(feeds: object, fetches: object): InferenceSession.ReturnType;
};

/**
 * An onnxruntime session that runs synchronously. The package's own InferenceSession wraps the same call in a turn of the event loop, five promises and
 * checks that this project has already made; together they cost as much as a small model, and the run blocks the event loop anyway.
 * This API is below the documented surface of onnxruntime-node, so package.json pins its minor version.
 */
export class NativeSession {
  readonly inputs: readonly InferenceSession.ValueMetadata[];
  readonly outputs: readonly InferenceSession.ValueMetadata[];
  readonly #session: Session;

  /** Throws an Error with the runtime's message if it cannot run the model. */
  constructor(model: Uint8Array, options: InferenceSession.SessionOptions) {
    initOrt();
    this.#session = new binding.InferenceSession() as unknown as Session;
    // A buffer from readFile is never shared memory.
    this.#session.loadModel(model.buffer as ArrayBuffer, model.byteOffset, model.byteLength, options);
    this.inputs = this.#session.inputMetadata.map(metadata);
    this.outputs = this.#session.outputMetadata.map(metadata);
  }

  /**
   * `fetches` maps the requested outputs to the tensors to write to, or to null.
   * @throws PredictorError with the runtime's message; RefusedValueError if it concerns a value of the features
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
