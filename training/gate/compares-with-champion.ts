import type { Policy } from "./policy.ts";

/**
 * Whether a policy check compares with the version in production; the verdict then holds against that version only. A separate file, since an update
 * that judges nothing asks for it and does not load the checks.
 */
export const comparesWithChampion = ({ champion, schema }: Policy): boolean =>
  champion !== undefined || schema?.signature !== undefined;
