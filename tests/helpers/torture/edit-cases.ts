import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadModel } from "../../../registry/artifacts.ts";
import { readGateEvidence } from "../../../registry/evidence.ts";
import { getModelVersion, getVersionByAlias } from "../../../registry/model-versions.ts";
import { byHand } from "../registry/by-hand.ts";
import { judgedModel } from "../registry/judged-model.ts";
import type { Arena } from "./arena.ts";
import { unproved } from "./audit.ts";
import { EDITS, type Edit, type Versions } from "./edits.ts";
import type { CaseResult } from "./fault-cases.ts";
import { MODEL } from "./update.ts";

export const allEdits = (): readonly Edit[] => EDITS;

/**
 * Makes a manual edit of the registry, updates production to the version that the edit concerns, and repairs everything by clean updates only: production
 * to the serving version, staging with another training, production to the new version.
 */
export async function runEdit(arena: Arena, edit: Edit): Promise<CaseResult> {
  const { client } = arena;
  const versions = await prepare(arena);
  const hand = byHand(client, MODEL);
  await edit.apply(hand, versions, client);
  const wanted = versions[edit.asks];
  const message = await arena.promote(wanted).then(
    () => undefined,
    (error: Error) => error.message,
  );
  const wrongPromotions = message === undefined ? await wronglyIn(arena, edit, wanted) : [];
  const problems =
    message !== undefined && /unhandled|undefined|\[object/.test(message) ? [`unclear message: ${message}`] : [];
  const notConverged = await repair(arena, edit, versions);
  return { name: `by hand: ${edit.name}`, failed: message, wrongPromotions, notConverged, problems };
}

/** Returns what is wrong with a promotion despite an edit: a failed version, or a good one whose evidence or files are gone. */
async function wronglyIn(arena: Arena, { asks }: Edit, version: string): Promise<string[]> {
  if (asks === "bad") return [`version ${version} went to production, which no gate has passed`];
  // The version in production is not checked again.
  if (asks !== "good") return [];
  const promoted = await getModelVersion(arena.client, MODEL, version);
  const folder = await mkdtemp(join(tmpdir(), "edited-"));
  try {
    const digest = await downloadModel(arena.client, promoted, join(folder, "model"));
    const judged = readGateEvidence(promoted)?.modelSha256;
    return [
      ...unproved(promoted, "production"),
      ...(digest === judged
        ? []
        : [`version ${version} went to production with files of ${digest}, judged was ${judged}`]),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Creates a version in production, a former one, a better approved one, and a bad one that the gate has failed. */
async function prepare(arena: Arena): Promise<Versions> {
  await arena.update("staging");
  const former = arena.served.staging;
  await arena.promote(former);
  await arena.update("staging");
  const serving = arena.served.staging;
  await arena.promote(serving);
  await arena.update("staging");
  const model = judgedModel(arena.client, MODEL);
  const bad = await model.register();
  await model.judge(bad, { verdict: "failed", policy: { accuracy: { min: 0.99 } } });
  return { former, serving, good: arena.served.staging, bad };
}

async function repair(arena: Arena, { heal }: Edit, { serving, former }: Versions): Promise<string[]> {
  const tried: string[] = [];
  const attempt = (what: string, work: Promise<unknown>) =>
    work.then(
      () => true,
      (error: Error) => {
        tried.push(`${what}: ${error.message}`);
        return false;
      },
    );
  try {
    await heal?.(byHand(arena.client, MODEL), arena);
    const current = (await getVersionByAlias(arena.client, MODEL, "production"))?.version ?? serving;
    // The gate's error if the registry disagrees: an update of production, or a rollback, repairs it.
    if (!(await attempt("production stays", arena.promote(current))))
      if (!(await attempt("production goes on with the version before", arena.promote(serving))))
        await attempt("production goes back", arena.promote(former));
    await arena.update("staging");
    await arena.promote(arena.served.staging);
    return [...(await arena.notConverged("staging")), ...(await arena.notConverged("production"))];
  } catch (error) {
    return [(error as Error).message, ...tried];
  }
}
