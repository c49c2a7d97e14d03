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

/** Maximum number of types or enumeration values to list. */
const MOST = 6;

/** Describes a schema's type for people: `list of 3 × number`, `text or null`. */
export function typeWords(schema: Schema): string {
  const { $ref, type, enum: values, anyOf, oneOf, items, prefixItems, properties, format } = schema;
  if ($ref !== undefined) return nameOf($ref);
  if ("const" in schema) return JSON.stringify(schema.const);
  if (values) return few(values.map((value) => JSON.stringify(value)));
  const choices = anyOf ?? oneOf;
  if (choices) return [...new Set(choices.map(typeWords))].join(" or ");
  if (type === "array") {
    if (prefixItems) return `list of [${few(prefixItems.map(typeWords))}]`;
    const count = schema.minItems !== undefined && schema.minItems === schema.maxItems ? `${schema.minItems} × ` : "";
    return `list of ${count}${items ? grouped(typeWords(items)) : "anything"}`;
  }
  if (type === "object") {
    const names = Object.keys(properties ?? {});
    return names.length === 0 ? "object" : `object of ${few(names)}`;
  }
  if (type === "string") return format === undefined ? "text" : `text (${format})`;
  return type ?? "anything";
}

const grouped = (words: string) => (words.includes(" or ") ? `(${words})` : words);

const few = (words: readonly string[]) =>
  words.length > MOST ? `${words.slice(0, MOST).join(", ")}, … (${words.length})` : words.join(", ");

/** Returns `Problem` for `#/components/schemas/Problem`. */
export const nameOf = (ref: string): string => ref.replace(/^.*\//, "");

/** A property of an object, described for people. */
export interface Property {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
}

/** Properties of an object's schema; for a choice of objects, of each one. */
export function propertiesOf({ properties, required = [], anyOf }: Schema): readonly (readonly Property[])[] {
  if (anyOf) return anyOf.flatMap(propertiesOf);
  const own = Object.entries(properties ?? {}).map(([name, schema]) => {
    return { name, type: typeWords(schema), isRequired: required.includes(name) };
  });
  return own.length === 0 ? [] : [own];
}
