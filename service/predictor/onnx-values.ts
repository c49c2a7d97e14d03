import type { onnx as Onnx } from "onnx-proto";
import type { ClassName } from "../../data/prediction.ts";

/** TensorProto.DataType. */
const [INT32, INT64] = [6, 7];

type Long = NonNullable<Onnx.IAttributeProto["ints"]>[number];

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Converts an integer to a class name: a string beyond 2^53, where a number would be rounded. */
export function exactName(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : `${value}`;
}

/** Whether a class name is a string because it is an integer beyond 2^53. */
export const isLongNumber = (name: ClassName): boolean =>
  typeof name === "string" && /^-?\d{16,20}$/.test(name) && !Number.isSafeInteger(Number(name));

/** Converts the integers of an attribute, which are numbers or pairs of 32-bit halves. */
export const integers = (values: readonly Long[]): (number | string)[] =>
  values.map((value) => exactName(BigInt(value.toString())));

export const attributeOf = (attributes: readonly Onnx.IAttributeProto[], name: string) =>
  attributes.find((one) => one.name === name);

/** Returns the classes that a node's attributes name; [] if there are none. */
export function classNames(attributes: readonly Onnx.IAttributeProto[]): ClassName[] {
  for (const { name, ints, strings } of attributes) {
    if (!name?.startsWith("classlabels_")) continue;
    if (ints?.length) return integers(ints);
    if (strings?.length) return strings.map(textOf);
  }
  return [];
}

/** Returns the strings or integers of a tensor; [] for other values. */
export function labelsIn({ stringData, int64Data, int32Data, rawData, dataType }: Onnx.ITensorProto): ClassName[] {
  if (stringData?.length) return stringData.map(textOf);
  if (int64Data?.length) return integers(int64Data);
  if (int32Data?.length && dataType === INT32) return [...int32Data];
  if (!rawData?.length || (dataType !== INT32 && dataType !== INT64)) return [];
  // Copied, because the buffer of a view is the whole file's.
  const { buffer } = new Uint8Array(rawData);
  return dataType === INT64 ? Array.from(new BigInt64Array(buffer), exactName) : [...new Int32Array(buffer)];
}

interface Translation {
  readonly map: ReadonlyMap<ClassName, ClassName>;
  /** Value for all other keys. */
  readonly otherwise?: ClassName | undefined;
}

/** Returns the mapping of a LabelEncoder, which is empty unless keys and values are strings or integers. */
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
  // LabelEncoder's first version lists the strings for 0, 1 and so on.
  const first = attributeOf(attributes, "classes_strings")?.strings?.map(textOf);
  const [keys, values] = first ? [first.map((_, index) => index), first] : [list("keys_"), list("values_")];
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
