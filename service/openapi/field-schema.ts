import { z } from "zod";
import type { Field } from "../../data/field.ts";
import { rangeOf } from "../../data/number-array.ts";

/** Smallest magnitude that each type rounds to infinity. */
const INFINITE = { float16: 65_520, float32: 2 ** 128 - 2 ** 103 } as const;

/** Returns the schema of a list with exactly `count` items. Zod's `length` does not appear in the generated document. */
export const exactly = <Item extends z.ZodType>(count: number, item: Item) => z.array(item).min(count).max(count);

/** Returns the schema of a field's value in a row, including null if the field is nullable. */
export function fieldSchema({ type, shape = [], nullable }: Field): z.ZodType {
  const single = valueSchema(type);
  const value = nullable ? z.union([single, z.null()]) : single;
  return shape.toReversed().reduce<z.ZodType>((item, size) => exactly(size, item), value);
}

function valueSchema(type: Field["type"]): z.ZodType {
  switch (type) {
    case "string":
      return z.string();
    case "boolean":
      return z.union([z.boolean(), z.literal(0), z.literal(1)]);
    case "datetime":
      return z.string().meta({ format: "date-time" });
    case "float64":
      return z.number();
    case "float16":
    case "float32":
      return z.number().gt(-INFINITE[type]).lt(INFINITE[type]);
    case "int64":
    case "uint64":
      return z.union([z.int().gte(type === "uint64" ? 0 : Number.MIN_SAFE_INTEGER), z.string().regex(/^-?\d{1,20}$/)]);
    default: {
      const [least = 0n, most = 0n] = rangeOf(type) ?? [];
      return z.int().gte(Number(least)).lte(Number(most));
    }
  }
}
