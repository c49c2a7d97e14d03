import type { MlflowClient } from "./mlflow-client.ts";
import { getModelVersion, type ModelVersion } from "./model-versions.ts";

/** Markers of the gate's note. MLflow renders descriptions as Markdown and hides comments. */
const BEGIN = "<!-- quality gate: rewritten by each verdict -->";
const END = "<!-- /quality gate -->";

/**
 * Replaces or appends the gate's note in a version's description. Text that people wrote around it is kept.
 * @param note Markdown
 */
export function withGateNote(description: string, note: string): string {
  const part = `${BEGIN}\n${note.trim()}\n${END}`;
  const [start, end] = [description.indexOf(BEGIN), description.indexOf(END)];
  if (start >= 0 && end > start) return description.slice(0, start) + part + description.slice(end + END.length);
  return description.trim() === "" ? part : `${description.trimEnd()}\n\n${part}`;
}

/** Writes the gate's note to the version's description, which MLflow shows on its page. @throws RegistryError */
export async function describeVersion(
  client: MlflowClient,
  { name, version }: Pick<ModelVersion, "name" | "version">,
  note: string,
): Promise<void> {
  const former = await getModelVersion(client, name, version);
  const description = withGateNote(former.description, note);
  if (description === former.description) return;
  await client.call("PATCH", "mlflow/model-versions/update", {
    body: { name, version, description },
    idempotent: true,
  });
}
