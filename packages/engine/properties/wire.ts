/**
 * Converts values to and from the protobuf structs of Pulumi's gRPC protocol.
 * @module
 */
import type { ListValue, Struct, Value as WireValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { needsPulumiCli } from "../failure.ts";
import { structs } from "../monitor/protocol.ts";
import { assetFrom } from "./assets.ts";
import {
  Asset,
  isList,
  isMap,
  mapOf,
  OutputValue,
  type PropertyMap,
  ResourceReference,
  Secret,
  SIGNATURE_KEY,
  SIGNATURES,
  UNKNOWN_SENTINELS,
  Unknown,
  type Value,
} from "./value.ts";

/** Reads a struct. Unknowns are kept; the caller decides whether they are allowed. */
export function fromWire(struct: Struct | undefined, folder?: string): PropertyMap {
  if (!struct) return {};
  const entries: [string, Value][] = [];
  for (const [key, value] of struct.getFieldsMap().entries()) entries.push([key, valueFromWire(value, folder)]);
  return mapOf(entries);
}

export function valueFromWire(value: WireValue, folder?: string): Value {
  switch (value.getKindCase()) {
    case structs().Value.KindCase.STRING_VALUE: {
      const text = value.getStringValue();
      return UNKNOWN_SENTINELS.has(text) ? new Unknown(text) : text;
    }
    case structs().Value.KindCase.NUMBER_VALUE:
      return value.getNumberValue();
    case structs().Value.KindCase.BOOL_VALUE:
      return value.getBoolValue();
    case structs().Value.KindCase.LIST_VALUE:
      return (value.getListValue() as ListValue).getValuesList().map((item) => valueFromWire(item, folder));
    case structs().Value.KindCase.STRUCT_VALUE:
      return recover(fromWire(value.getStructValue(), folder), folder);
    default:
      return null;
  }
}

/** Restores a special value from a map with a signature. */
function recover(map: PropertyMap, folder?: string): Value {
  if (!Object.hasOwn(map, SIGNATURE_KEY)) return map;
  switch (map[SIGNATURE_KEY]) {
    case SIGNATURES.secret:
      return new Secret(map.value ?? null);
    case SIGNATURES.output:
      return new OutputValue(
        Object.hasOwn(map, "value") && !(map.value instanceof Unknown) ? (map.value ?? null) : undefined,
        map.secret === true,
        isList(map.dependencies) ? map.dependencies.map(String) : [],
      );
    case SIGNATURES.resource: {
      const id = map.id === "" ? new Unknown() : map.id;
      return new ResourceReference(String(map.urn), id, String(map.packageVersion ?? ""));
    }
    case SIGNATURES.asset:
      return assetFrom(map, folder);
    case SIGNATURES.archive:
      throw needsPulumiCli("An archive as a resource property");
    default:
      return map;
  }
}

export interface WireOptions {
  /** Whether unknowns are sent as sentinels; otherwise they are omitted. */
  readonly unknowns?: boolean;
  readonly secrets?: boolean;
  readonly resources?: boolean;
}

export function toWire(map: PropertyMap, options: WireOptions): Struct {
  const struct = new (structs().Struct)();
  const fields = struct.getFieldsMap();
  for (const [key, value] of Object.entries(map)) {
    const wire = valueToWire(value, options);
    if (wire) fields.set(key, wire);
  }
  return struct;
}

function valueToWire(value: Value, options: WireOptions): WireValue | undefined {
  const wire = new (structs().Value)();
  if (value === null) wire.setNullValue(0);
  else if (typeof value === "string") wire.setStringValue(value);
  else if (typeof value === "number") wire.setNumberValue(value);
  else if (typeof value === "boolean") wire.setBoolValue(value);
  else if (isList(value)) {
    const list = new (structs().ListValue)();
    list.setValuesList(value.map((item) => valueToWire(item, options)).filter((item) => item !== undefined));
    wire.setListValue(list);
  } else if (isMap(value)) wire.setStructValue(toWire(value, options));
  else return specialToWire(value, options);
  return wire;
}

function specialToWire(value: Value, options: WireOptions): WireValue | undefined {
  const signed = (signature: string, fields: PropertyMap) =>
    valueToWire({ [SIGNATURE_KEY]: signature, ...fields }, options);
  if (value instanceof Secret)
    return options.secrets ? signed(SIGNATURES.secret, { value: value.element }) : valueToWire(value.element, options);
  if (value instanceof Unknown) return options.unknowns ? valueToWire(value.sentinel, options) : undefined;
  if (value instanceof OutputValue) {
    const element = value.element ?? new Unknown();
    return valueToWire(value.secret ? new Secret(element) : element, options);
  }
  if (value instanceof ResourceReference) {
    if (!options.resources) return valueToWire(value.id ?? value.urn, options);
    const id: PropertyMap = value.id === undefined ? {} : { id: value.id instanceof Unknown ? "" : value.id };
    const version: PropertyMap = value.packageVersion === "" ? {} : { packageVersion: value.packageVersion };
    return signed(SIGNATURES.resource, { urn: value.urn, ...id, ...version });
  }
  if (value instanceof Asset) return signed(SIGNATURES.asset, { hash: value.hash, ...value.source });
  return undefined;
}
