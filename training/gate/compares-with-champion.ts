import type { Policy } from "./policy.ts";

/**
 * Whether a check of the policy looks at the version in production: its verdict then holds for that version only. A file of its own, since an update
 * that judges nothing asks for it and does not load the checks.
 */
export const comparesWithChampion = ({ champion, schema }: Policy): boolean =>
  champion !== undefined || schema?.signature !== undefined;
