import { type InputType, type PlainTensor, plainTensor } from "./plain-tensor.ts";

/** A tensor of the model, by its shape for one row. */
export interface OutputShape {
  readonly name: string;
  readonly type: "int64" | "int32" | "float32";
  /** Dimensions behind the first, which is the number of rows. */
  readonly inner: readonly number[];
}

export interface Prepared {
  /** The input's data, to be filled. */
  readonly input: Float32Array | Float64Array;
  readonly feeds: Readonly<Record<string, PlainTensor>>;
  /** What a run is to write to. */
  readonly fetches: Readonly<Record<string, PlainTensor>>;
}

/**
 * Memory that runs of the model read from and write to, reused from run to run. A tensor made anew for each run is memory outside of V8's heap that is only
 * given back when the garbage collector gets to the small object that holds it: under load it piles up, and collections come more often.
 */
export class RunBuffers {
  readonly #maxRows: number;
  readonly #input: { readonly name: string; readonly type: InputType; readonly width: number };
  readonly #outputs: readonly OutputShape[];
  readonly #memory: Record<string, ArrayBuffer> = {};
  /** By number of rows; all of them look at the same memory. */
  readonly #prepared = new Map<number, Prepared>();

  constructor(
    maxRows: number,
    input: { readonly name: string; readonly type: InputType; readonly width: number },
    outputs: readonly OutputShape[],
  ) {
    this.#maxRows = maxRows;
    this.#input = input;
    this.#outputs = outputs;
  }

  /** Undefined for more rows than are kept memory for. */
  prepare(rows: number): Prepared | undefined {
    if (rows > this.#maxRows) return undefined;
    let prepared = this.#prepared.get(rows);
    if (!prepared) {
      prepared = this.#make(rows);
      this.#prepared.set(rows, prepared);
    }
    return prepared;
  }

  #make(rows: number): Prepared {
    const { name, type, width } = this.#input;
    const memory = this.#memoryOf(`in:${name}`, width * (type === "float64" ? 8 : 4));
    const input =
      type === "float64" ? new Float64Array(memory, 0, rows * width) : new Float32Array(memory, 0, rows * width);
    const tensor = plainTensor(type, input, [rows, width]);
    const fetches: Record<string, PlainTensor> = {};
    for (const output of this.#outputs) fetches[output.name] = this.#output(output, rows);
    return { input, feeds: { [name]: tensor }, fetches };
  }

  #output({ name, type, inner }: OutputShape, rows: number): PlainTensor {
    const cells = inner.reduce((product, size) => product * size, 1);
    const memory = this.#memoryOf(`out:${name}`, cells * (type === "int64" ? 8 : 4));
    const dims = [rows, ...inner];
    if (type === "int64") return plainTensor(type, new BigInt64Array(memory, 0, rows * cells), dims);
    if (type === "int32") return plainTensor(type, new Int32Array(memory, 0, rows * cells), dims);
    return plainTensor(type, new Float32Array(memory, 0, rows * cells), dims);
  }

  #memoryOf(key: string, bytesOfRow: number): ArrayBuffer {
    this.#memory[key] ??= new ArrayBuffer(this.#maxRows * bytesOfRow);
    return this.#memory[key];
  }
}
