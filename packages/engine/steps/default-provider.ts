/**
 * Default providers, which the engine registers itself, one per package and version.
 * @module
 */
import { isProviderType, nameOf, typeOf } from "../resources/urn.ts";

export const defaultProviderName = (version: string): string =>
  version === "" ? "default" : `default_${version.replace(/[.+-]/g, "_")}`;

export const isDefaultProvider = (urn: string): boolean =>
  isProviderType(typeOf(urn)) && nameOf(urn).startsWith("default");
