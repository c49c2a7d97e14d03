/**
 * Source positions of registrations, relative to the project.
 * @module
 */

import { isAbsolute, relative } from "node:path";
import type { SourcePosition, StackTrace } from "@pulumi/pulumi/proto/source_pb.js";

export function sourcePosition(raw: SourcePosition | undefined, root: string): string {
  if (!raw?.getUri().startsWith("file://") || raw.getLine() < 0 || raw.getColumn() < 0) return "";
  const path = decodeURIComponent(raw.getUri().slice("file://".length));
  if (!isAbsolute(path)) return "";
  const column = raw.getColumn() === 0 ? "" : `,${raw.getColumn()}`;
  return `project:///${encodeURI(relative(root, path))}#${raw.getLine()}${column}`;
}

export const stackTrace = (raw: StackTrace | undefined, root: string): { sourcePosition?: string }[] =>
  (raw?.getFramesList() ?? []).map((frame) => {
    const position = sourcePosition(frame.getPc(), root);
    return position === "" ? {} : { sourcePosition: position };
  });
