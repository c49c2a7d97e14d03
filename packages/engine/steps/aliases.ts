/**
 * The URNs under which a resource may have been known before.
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

/** One alias as a URN: what it leaves out is as the resource has it now. */
export function aliasUrn(alias: Alias, resource: Named, context: AliasContext): string {
  if (alias.urn) return alias.urn;
  let parent = resource.parent;
  // A parent that was itself renamed gave its children their old URNs.
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

/** A child of a renamed parent; `{parent}-rest` names follow the parent's old name. */
function inherited(type: string, name: string, parentName: string, parentAlias: string, context: AliasContext): string {
  const oldName = name.startsWith(parentName) ? nameOf(parentAlias) + name.slice(parentName.length) : name;
  return makeUrn(context.stack, context.project, qualifiedTypeOf(parentAlias), type, oldName);
}

/** All URNs to look under, in order, without repeats. */
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
