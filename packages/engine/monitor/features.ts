/**
 * Features that the SDK may use. Only supported ones are announced; for the others the SDK reports that they are not available.
 * @module
 */

/** By the old string ids, and by the name in the protocol's enumeration. */
export const FEATURES: Readonly<Record<string, string>> = {
  secrets: "RESOURCE_MONITOR_FEATURE_SECRETS",
  resourceReferences: "RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES",
  outputValues: "RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES",
  aliasSpecs: "RESOURCE_MONITOR_FEATURE_ALIAS_SPECS",
  deletedWith: "RESOURCE_MONITOR_FEATURE_DELETED_WITH",
  replaceWith: "RESOURCE_MONITOR_FEATURE_REPLACE_WITH",
  replacementTrigger: "RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER",
};
