/**
 * Runs one operation on a stack: `up`, `preview`, `refresh` or `destroy`.
 * @module
 */
import { missingTargets } from "../deployment/check-targets.ts";
import { Deployment } from "../deployment/deployment.ts";
import { DeploymentContext } from "../deployment/deployment-context.ts";
import type { Observer } from "../deployment/events.ts";
import { refreshBase } from "../deployment/refresh.ts";
import type { Display, RunResult } from "../display/display.ts";
import { AlreadyReported, messageOf } from "../failure.ts";
import type { PropertyMap } from "../properties/value.ts";
import { ProviderRegistry } from "../providers/registry.ts";
import { isRootStack } from "../resources/urn.ts";
import type { SnapshotBase, SnapshotManager } from "../state/snapshot-manager.ts";
import type { SelectionFlags } from "../steps/selection.ts";
import type { Op } from "../steps/step.ts";
import type { ProgramSession } from "./program-session.ts";
import type { Session } from "./session.ts";

export interface OperationOptions {
  readonly kind: "update" | "refresh" | "destroy";
  readonly preview: boolean;
  readonly refresh: boolean;
  readonly parallel: number;
  readonly selection: SelectionFlags;
}

export interface OperationResult {
  readonly failed: boolean;
  readonly changes: Partial<Record<Op, number>>;
}

/** Operations that change nothing. */
const UNCHANGED = new Set<string>(["same", "read", "discard", "read-replacement"] satisfies Op[]);
/** Whether something was changed, or would be. */
export const hasChanges = (changes: Partial<Record<Op, number>>): boolean =>
  Object.entries(changes).some(([op, count]) => !UNCHANGED.has(op) && (count ?? 0) > 0);

export async function runOperation(
  session: Session,
  options: OperationOptions,
  display: Display,
  base: SnapshotBase,
  snapshots: SnapshotManager | undefined,
  /** Already running; undefined for a refresh or a destroy. */
  program: ProgramSession | undefined,
): Promise<OperationResult> {
  const startedAt = Date.now();
  const cancel = new AbortController();
  const stopListening = session.onCancel(() => cancel.abort());
  const registry = new ProviderRegistry(session.factories(display));
  const context = new DeploymentContext({ ...session.names, ...options, base, registry, observer: display, snapshots });
  const oldOutputs = outputsOf(base) ?? {};
  const deployment = new Deployment(context, cancel);
  let failed = false;
  try {
    warnOfPending(base, display, options);
    const { targets, excludes, replaces } = context.selection;
    const refreshes = options.refresh || options.kind === "refresh";
    // Checked first. Targets of an update may not exist yet.
    const missing = refreshes ? [targets, excludes, replaces] : [replaces];
    if (missing.map((named) => missingTargets(context, named)).includes(true)) throw new AlreadyReported();
    if (refreshes) failed = !(await refreshBase(context, cancel, deployment.changes, options.kind === "refresh"));
    if (failed || session.cancelled) report(display, options, session.cancelled);
    else if (program) failed = await runProgram(program, deployment, cancel, display, options, session);
    else if (options.kind === "destroy") failed = await finish(deployment, display, options, session);
  } catch (error) {
    failed = true;
    if (!(error instanceof AlreadyReported))
      display.diagnostic({ urn: "", severity: "error", message: messageOf(error) });
  } finally {
    deployment.release();
    await program?.stop();
    stopListening();
  }
  try {
    await snapshots?.close();
  } catch (error) {
    failed = true;
    display.diagnostic({ urn: "", severity: "error", message: `writing snapshot: ${messageOf(error)}` });
  }
  failed ||= session.cancelled;
  const result: RunResult = {
    failed,
    changes: deployment.changes,
    durationMs: Date.now() - startedAt,
    oldOutputs,
    outputs: options.kind === "destroy" && !failed ? {} : (contextOutputs(context) ?? outputsOf(base)),
  };
  display.end(result);
  return { failed, changes: deployment.changes };
}

async function runProgram(
  program: ProgramSession,
  deployment: Deployment,
  cancel: AbortController,
  display: Observer,
  options: OperationOptions,
  session: Session,
): Promise<boolean> {
  program.attach(deployment, display);
  // A program that exits without signalling completion has failed, so nothing may be deleted.
  void program.ended.then((end) => {
    if (program.finished || cancel.signal.aborted) return;
    if (!end.explained) display.diagnostic({ urn: "", severity: "error", message: end.message });
    program.failed = true;
    cancel.abort();
  });
  await Promise.race([deployment.untilFinished(), program.ended.then(() => deployment.untilFinished())]);
  const failed = await finish(deployment, display, options, session, program.failed);
  deployment.release();
  if (failed) return true;
  const end = await program.ended;
  if (end.code === 0) return false;
  display.diagnostic({ urn: "", severity: "error", message: end.message });
  return true;
}

async function finish(
  deployment: Deployment,
  display: Observer,
  options: OperationOptions,
  session: Session,
  programFailed = false,
): Promise<boolean> {
  if (programFailed) deployment.fail();
  await deployment.complete();
  if (deployment.failed) {
    // The error that stopped the run has already been reported.
    if (!deployment.bailed) report(display, options, false);
    return true;
  }
  if (session.cancelled) report(display, options, true);
  return session.cancelled;
}

function report(display: Observer, { preview }: OperationOptions, cancelled: boolean): void {
  const message = `${preview ? "preview" : "update"} ${cancelled ? "canceled" : "failed"}`;
  display.diagnostic({ urn: "", severity: "error", message, verdict: !cancelled });
}

function warnOfPending(base: SnapshotBase, display: Observer, { preview, refresh, kind }: OperationOptions): void {
  const pending = base.pendingOperations;
  if (pending.length === 0 || preview || refresh || kind === "refresh") return;
  const lines = pending.map(({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}`);
  display.diagnostic({
    urn: "",
    severity: "warning",
    message:
      `Attempting to deploy or update resources with ${pending.length} pending operations from previous deployment.\n${lines.join("\n")}\n` +
      "These resources are in an unknown state because the deployment was interrupted while waiting for changes to these resources to " +
      "complete. You should confirm whether or not the operations listed completed successfully by checking the state of the " +
      "appropriate provider. Once you have confirmed the status of the interrupted operations, you can repair your stack using " +
      "`pulumi refresh`, which will refresh the state from the provider you are using and clear the pending operations if there are " +
      "any. Pending CREATE operations stay until they are removed with the Pulumi CLI (`pulumi refresh`, run interactively).",
  });
}

const outputsOf = (base: SnapshotBase): PropertyMap | undefined =>
  base.resources.find((state) => isRootStack(state.urn) && !state.delete)?.outputs;

function contextOutputs(context: DeploymentContext): PropertyMap | undefined {
  for (const [urn, state] of context.news) if (isRootStack(urn)) return state.outputs;
  return undefined;
}
