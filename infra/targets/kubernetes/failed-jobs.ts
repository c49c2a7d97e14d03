import { z } from "zod";
import { type ClusterApi, ClusterError } from "./cluster-api.ts";
import { toQuery } from "./labels.ts";
import { conditions } from "./pod-problems.ts";

const jobs = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string() }), status: z.object({ conditions }).prefault({}) })),
});

/**
 * Lists the names of failed Jobs, sorted. The next update replaces them, because the cause may be fixed.
 * @param labels that select the Jobs
 * @returns none if the cluster does not respond; the provider will report that
 */
export async function failedJobs(
  api: ClusterApi,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Promise<string[]> {
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs?labelSelector=${encodeURIComponent(toQuery(labels))}`;
  try {
    const { items } = jobs.parse(JSON.parse(await api.get(path)));
    const failed = items.filter(({ status }) =>
      status.conditions.some(({ type, status: is }) => type === "Failed" && is === "True"),
    );
    return failed.map(({ metadata }) => metadata.name).sort();
  } catch (error) {
    if (error instanceof ClusterError) return [];
    throw error;
  }
}
