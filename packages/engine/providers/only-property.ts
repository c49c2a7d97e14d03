import type { PropertyMap } from "../properties/value.ts";

/** What is wrong with the inputs of a resource that takes one property, and needs it. */
export function checkOnlyProperty(news: PropertyMap, name: string): { property: string; reason: string }[] {
  const failures = Object.keys(news)
    .filter((key) => key !== name)
    .map((property) => ({ property, reason: `unknown property "${property}"` }));
  if (news[name] === undefined) failures.push({ property: name, reason: `missing required property "${name}"` });
  return failures;
}
