/**
 * URNs: `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>`.
 * @module
 */

export const ROOT_STACK_TYPE = "pulumi:pulumi:Stack";
const PROVIDER_PREFIX = "pulumi:providers:";

export function makeUrn(stack: string, project: string, parentType: string, type: string, name: string): string {
  const qualified = parentType === "" || parentType === ROOT_STACK_TYPE ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

const part = (urn: string, index: number) => urn.split("::")[index] ?? "";
/** Returns all types from the root to the resource, joined by `$`. */
export const qualifiedTypeOf = (urn: string): string => part(urn, 2);
export const typeOf = (urn: string): string => qualifiedTypeOf(urn).split("$").at(-1) ?? "";
/** Returns the rest of the URN: a name may contain `::`. */
export const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");
export const isRootStack = (urn: string): boolean => qualifiedTypeOf(urn) === ROOT_STACK_TYPE;

/** Returns the type prefix of the children of `parent`. */
export const parentTypeOf = (parent: string | undefined): string =>
  parent === undefined || parent === "" || isRootStack(parent) ? "" : qualifiedTypeOf(parent);

export const packageOf = (type: string): string => type.split(":")[0] ?? "";
export const isProviderType = (type: string): boolean => type.startsWith(PROVIDER_PREFIX);
export const providerTypeOf = (pkg: string): string => `${PROVIDER_PREFIX}${pkg}`;
export const providerPackageOf = (type: string): string => type.slice(PROVIDER_PREFIX.length);

/** Reference to a provider, by URN and id. */
export interface ProviderReference {
  readonly urn: string;
  readonly id: string;
}
export function parseProviderReference(text: string): ProviderReference {
  const cut = text.lastIndexOf("::");
  return { urn: text.slice(0, cut), id: text.slice(cut + 2) };
}
export const formatProviderReference = ({ urn, id }: ProviderReference): string => `${urn}::${id}`;

/** Names a default provider, which the engine registers itself: one per package and version. */
export const defaultProviderName = (version: string): string =>
  version === "" ? "default" : `default_${version.replace(/[.+-]/g, "_")}`;

export const isDefaultProvider = (urn: string): boolean =>
  isProviderType(typeOf(urn)) && nameOf(urn).startsWith("default");
