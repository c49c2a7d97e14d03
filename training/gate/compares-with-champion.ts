import type { Policy } from "./policy.ts";

/**
 * Whether a check of the policy compares with the version in production; the verdict is then valid against that version only. In its own file, since
 * updates that run no gate need it but should not load the checks.
 */
export const comparesWithChampion = ({ champion, schema }: Policy): boolean =>
  champion !== undefined || schema?.signature !== undefined;
