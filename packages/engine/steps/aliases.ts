/**
 * The earlier URNs of a resource.
 * @module
 */
import type { Alias } from "../resources/goal.ts";
import { isRootStack, makeUrn, nameOf, parentTypeOf, qualifiedTypeOf, typeOf } from "../resources/urn.ts";

export interface AliasContext {
  readonly stack: string;
  readonly project: string;
  /** From a resource's URN to the old URN under which it was found. */
  readonly aliasOf: ReadonlyMap<string, string>;
}

export interface Named {
  readonly name: string;
  readonly type: string;
  readonly parent: string;
}

/** Converts an alias to a URN; parts that it omits are the resource's current ones. */
function aliasUrn(alias: Alias, resource: Named, context: AliasContext): string {
  if (alias.urn) return alias.urn;
  let parent = resource.parent;
  // If the parent was renamed as well, the child's old URN contains the parent's old type.
  if (alias.parent) parent = context.aliasOf.get(alias.parent) ?? alias.parent;
  if (alias.noParent || (parent !== "" && isRootStack(parent))) parent = "";
  return makeUrn(
    alias.stack || context.stack,
    alias.project || context.project,
    parentTypeOf(parent),
    alias.type || resource.type,
    alias.name || resource.name,
  );
}

/** Returns the URN of a child under its renamed parent's old URN; in names such as `{parent}-rest`, the parent's old name is used. */
function inherited(type: string, name: string, parentName: string, parentAlias: string, context: AliasContext): string {
  const oldName = name.startsWith(parentName) ? nameOf(parentAlias) + name.slice(parentName.length) : name;
  return makeUrn(context.stack, context.project, qualifiedTypeOf(parentAlias), type, oldName);
}

/** Returns all URNs to look up, in order, without duplicates. */
export function aliasUrns(aliases: readonly Alias[], resource: Named, context: AliasContext): string[] {
  const own = aliases.map((alias) => aliasUrn(alias, resource, context));
  const parentAlias = resource.parent === "" ? undefined : context.aliasOf.get(resource.parent);
  if (parentAlias === undefined) return [...new Set(own)];
  const parentName = nameOf(resource.parent);
  const throughParent = [
    inherited(resource.type, resource.name, parentName, parentAlias, context),
    ...own.map((urn) => inherited(typeOf(urn), nameOf(urn), parentName, parentAlias, context)),
  ];
  return [...new Set([...own, ...throughParent])];
}
