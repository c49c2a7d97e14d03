import { sizeOf } from "../../data/field.ts";
import type { ModelInput } from "./inputs.ts";
import { bytesOf, type PlainTensor, plainTensor, type TensorType } from "./tensor.ts";

/** Type and shape of an output. */
export interface OutputShape {
  readonly name: string;
  /** Undefined if the output cannot be written to reused memory, such as strings. The runtime then allocates it. */
  readonly type?: TensorType | undefined;
  /** Dimensions after the first, which is the number of rows. */
  readonly inner: readonly number[];
}

export interface Prepared {
  /** Tensors to fill, in the order of the inputs. */
  readonly tensors: readonly PlainTensor[];
  readonly feeds: Readonly<Record<string, PlainTensor>>;
  /** Tensors for a run to write to; null lets the run allocate the tensor. */
  readonly fetches: Readonly<Record<string, PlainTensor | null>>;
}

/**
 * Memory that runs of the model read from and write to, reused between runs. A new tensor per run would occupy memory outside V8's heap until the garbage
 * collector finds the small object that owns it. Under load, such memory accumulates and collections become more frequent.
 */
export class RunBuffers {
  readonly #maxRows: number;
  readonly #inputs: readonly ModelInput[];
  readonly #outputs: readonly OutputShape[];
  readonly #memory: Record<string, ArrayBuffer> = {};
  /** Tensors by number of rows. All of them share the same memory. */
  readonly #prepared = new Map<number, Prepared>();

  /** @param maxRows maximum rows of a run that reuses memory */
  constructor(maxRows: number, inputs: readonly ModelInput[], outputs: readonly OutputShape[]) {
    this.#maxRows = maxRows;
    this.#inputs = inputs;
    this.#outputs = outputs;
  }

  prepare(rows: number): Prepared {
    let prepared = this.#prepared.get(rows);
    if (!prepared) {
      prepared = this.#make(rows);
      // Keeping many inputs for many sizes would take more memory than it saves.
      if (rows * this.#inputs.length <= this.#maxRows) this.#prepared.set(rows, prepared);
    }
    return prepared;
  }

  #make(rows: number): Prepared {
    const isKept = rows <= this.#maxRows;
    const memory = (key: string, type: TensorType, cells: number) => {
      const bytes = cells * bytesOf(type);
      if (!isKept) return new ArrayBuffer(rows * bytes);
      this.#memory[key] ??= new ArrayBuffer(this.#maxRows * bytes);
      return this.#memory[key];
    };
    const inputs = this.#inputs.map(({ name, type, inner }) =>
      plainTensor(type, memory(`in:${name}`, type, sizeOf(inner)), [rows, ...inner]),
    );
    const feeds = Object.fromEntries(this.#inputs.map(({ name }, index) => [name, inputs[index] as PlainTensor]));
    const outputs = this.#outputs.map(({ name, type, inner }): [string, PlainTensor | null] => {
      const isWritten = type !== undefined && type !== "string" && isKept;
      return [name, isWritten ? plainTensor(type, memory(`out:${name}`, type, sizeOf(inner)), [rows, ...inner]) : null];
    });
    const fetches = Object.fromEntries(outputs);
    return { tensors: inputs, feeds, fetches };
  }
}
