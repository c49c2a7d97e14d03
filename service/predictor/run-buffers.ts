import { sizeOf } from "../../data/field.ts";
import type { ModelInput } from "./inputs.ts";
import { bytesOf, type PlainTensor, plainTensor, type TensorType } from "./tensor.ts";

/** A tensor of the model's answer, by its shape for one row. */
export interface OutputShape {
  readonly name: string;
  /** Undefined for what cannot be written to memory that is kept, such as texts: the runtime makes it anew. */
  readonly type?: TensorType | undefined;
  /** Dimensions behind the first, which is the number of rows. */
  readonly inner: readonly number[];
}

export interface Prepared {
  /** To be filled, in the order of the inputs. */
  readonly tensors: readonly PlainTensor[];
  readonly feeds: Readonly<Record<string, PlainTensor>>;
  /** What a run is to write to; null: it makes the tensor. */
  readonly fetches: Readonly<Record<string, PlainTensor | null>>;
}

/**
 * Memory that runs of the model read from and write to, reused from run to run. A tensor made anew for each run is memory outside of V8's heap that is only
 * given back when the garbage collector gets to the small object that holds it: under load it piles up, and collections come more often.
 */
export class RunBuffers {
  readonly #maxRows: number;
  readonly #inputs: readonly ModelInput[];
  readonly #outputs: readonly OutputShape[];
  readonly #memory: Record<string, ArrayBuffer> = {};
  /** By number of rows; all of them look at the same memory. */
  readonly #prepared = new Map<number, Prepared>();

  /** @param maxRows runs of up to so many rows use memory that is kept */
  constructor(maxRows: number, inputs: readonly ModelInput[], outputs: readonly OutputShape[]) {
    this.#maxRows = maxRows;
    this.#inputs = inputs;
    this.#outputs = outputs;
  }

  prepare(rows: number): Prepared {
    let prepared = this.#prepared.get(rows);
    if (!prepared) {
      prepared = this.#make(rows);
      // Many inputs for each of many sizes would take more memory than they save.
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
