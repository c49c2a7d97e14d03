import type { onnx as Onnx } from "onnx-proto";
import type { ClassName } from "../../data/prediction.ts";

/** TensorProto.DataType. */
const [INT32, INT64] = [6, 7];

type Long = NonNullable<Onnx.IAttributeProto["ints"]>[number];

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** An integer as a class name: a string beyond 2^53, where a number would be rounded. */
export function exactName(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : `${value}`;
}

/** Whether a name is an integer that is a string because it is beyond 2^53. */
export const isLongNumber = (name: ClassName): boolean =>
  typeof name === "string" && /^-?\d{16,20}$/.test(name) && !Number.isSafeInteger(Number(name));

/** Integers of an attribute, which are numbers or pairs of halves. */
export const integers = (values: readonly Long[]): (number | string)[] =>
  values.map((value) => exactName(BigInt(value.toString())));

export const attributeOf = (attributes: readonly Onnx.IAttributeProto[], name: string) =>
  attributes.find((one) => one.name === name);

/** Classes named by a node's attributes. */
export function classNames(attributes: readonly Onnx.IAttributeProto[]): ClassName[] {
  for (const { name, ints, strings } of attributes) {
    if (!name?.startsWith("classlabels_")) continue;
    if (ints?.length) return integers(ints);
    if (strings?.length) return strings.map(textOf);
  }
  return [];
}

/** Texts or integers of a tensor; [] for other values. */
export function labelsIn({ stringData, int64Data, int32Data, rawData, dataType }: Onnx.ITensorProto): ClassName[] {
  if (stringData?.length) return stringData.map(textOf);
  if (int64Data?.length) return integers(int64Data);
  if (int32Data?.length && dataType === INT32) return [...int32Data];
  if (!rawData?.length || (dataType !== INT32 && dataType !== INT64)) return [];
  // A copy: Buffer.slice would return a view of the whole file.
  const { buffer } = new Uint8Array(rawData);
  return dataType === INT64 ? Array.from(new BigInt64Array(buffer), exactName) : [...new Int32Array(buffer)];
}

interface Translation {
  readonly map: ReadonlyMap<ClassName, ClassName>;
  /** Value for all other keys. */
  readonly otherwise?: ClassName | undefined;
}

/** The mapping of a LabelEncoder; without entries unless keys and values are texts or integers. */
export function mapOf(attributes: readonly Onnx.IAttributeProto[]): Translation {
  const list = (prefix: "keys_" | "values_"): ClassName[] => {
    for (const { name, ints, strings, floats, t } of attributes) {
      if (!name?.startsWith(prefix)) continue;
      if (ints?.length) return integers(ints);
      if (strings?.length) return strings.map(textOf);
      if (floats?.length) return floats.every(Number.isInteger) ? [...floats] : [];
      if (t) return labelsIn(t);
    }
    return [];
  };
  // Its first version lists the texts of 0, 1 and so on.
  const first = attributeOf(attributes, "classes_strings")?.strings?.map(textOf);
  const [keys, values] = first ? [first.map((_, place) => place), first] : [list("keys_"), list("values_")];
  if (keys.length !== values.length) return { map: new Map() };
  const isText = typeof values[0] === "string";
  const text = attributeOf(attributes, "default_string")?.s;
  const whole = attributeOf(attributes, "default_int64")?.i;
  const otherwise = isText
    ? text?.length
      ? textOf(text)
      : undefined
    : whole === undefined || whole === null
      ? undefined
      : integers([whole])[0];
  return { map: new Map(keys.map((key, at) => [key, values[at] as ClassName])), otherwise };
}
