import { z } from "zod";

const schema = z.object({
  run_id: z.string().min(1),
  version: z.union([z.string(), z.int()]).transform(String).pipe(z.string().regex(/^\d+$/)),
});

export interface Trained {
  readonly runId: string;
  readonly version: string;
}

/**
 * Parses a trainer's output, whose last line is `{"run_id": "...", "version": "..."}`.
 * @throws Error that shows the last line if it is anything else
 */
export function parseTrainerOutput(stdout: string): Trained {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    parsed = undefined;
  }
  const { success, data } = schema.safeParse(parsed);
  if (success) return { runId: data.run_id, version: data.version };
  throw new Error(
    `the trainer's last line must be {"run_id": "...", "version": "..."}, but was: ${line.slice(0, 200) || "(nothing)"}`,
  );
}
