import type { PropertyMap } from "../properties/value.ts";

/** Checks the inputs of a resource with exactly one property, which is required. */
export function checkOnlyProperty(news: PropertyMap, name: string): { property: string; reason: string }[] {
  const failures = Object.keys(news)
    .filter((key) => key !== name)
    .map((property) => ({ property, reason: `unknown property "${property}"` }));
  if (news[name] === undefined) failures.push({ property: name, reason: `missing required property "${name}"` });
  return failures;
}
