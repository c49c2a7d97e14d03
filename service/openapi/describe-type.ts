/** The part of JSON Schema that the service's document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

/** Maximum number of types or enum values to list. */
const MAX_LISTED = 6;

/** Describes a schema's type in words: `list of 3 × number`, `string or null`. */
export function describeType(schema: Schema): string {
  const { $ref, type, enum: values, anyOf, oneOf, items, prefixItems, properties, format } = schema;
  if ($ref !== undefined) return nameOf($ref);
  if ("const" in schema) return JSON.stringify(schema.const);
  if (values) return few(values.map((value) => JSON.stringify(value)));
  const choices = anyOf ?? oneOf;
  if (choices) return [...new Set(choices.map(describeType))].join(" or ");
  if (type === "array") {
    if (prefixItems) return `list of [${few(prefixItems.map(describeType))}]`;
    const count = schema.minItems !== undefined && schema.minItems === schema.maxItems ? `${schema.minItems} × ` : "";
    return `list of ${count}${items ? grouped(describeType(items)) : "anything"}`;
  }
  if (type === "object") {
    const names = Object.keys(properties ?? {});
    return names.length === 0 ? "object" : `object of ${few(names)}`;
  }
  if (type === "string") return format === undefined ? "string" : `string (${format})`;
  return type ?? "anything";
}

const grouped = (words: string) => (words.includes(" or ") ? `(${words})` : words);

const few = (words: readonly string[]) =>
  words.length > MAX_LISTED ? `${words.slice(0, MAX_LISTED).join(", ")}, … (${words.length})` : words.join(", ");

/** Returns the name in a reference: `Problem` for `#/components/schemas/Problem`. */
export const nameOf = (ref: string): string => ref.replace(/^.*\//, "");

/** A property of an object, described in words. */
export interface Property {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
}

/** Returns the properties of an object's schema, or of each alternative of a union. */
export function propertiesOf({ properties, required = [], anyOf }: Schema): readonly (readonly Property[])[] {
  if (anyOf) return anyOf.flatMap(propertiesOf);
  const own = Object.entries(properties ?? {}).map(([name, schema]) => {
    return { name, type: describeType(schema), isRequired: required.includes(name) };
  });
  return own.length === 0 ? [] : [own];
}
