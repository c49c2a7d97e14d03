import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestFolder, sha256 as hash } from "../registry/artifact-digest.ts";
import type { ModelCard } from "./page/card.ts";

/** The model that a URI last resolved to. */
export interface CachedModel {
  readonly name: string;
  readonly version: string;
  readonly stage: string;
  readonly sha256: string;
  readonly card: ModelCard;
  /** The key that verified the gate's verdict; undefined if it was not verified. */
  readonly gatePublicKey: string | undefined;
}

/**
 * Caches models on this machine: each in a folder named by its digest, and a record of the model that each URI of each registry last resolved to. A folder
 * is trusted only once its digest is recomputed, at every start.
 */
export class ModelCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns a folder for a download, private to this process. */
  async downloadFolder(): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    return join(this.#folder, `download-${process.pid}`);
  }

  /** Moves a download to its final folder, and returns that folder. Safe if another process does the same concurrently. */
  async keep(download: string, sha256: string): Promise<string> {
    const folder = join(this.#folder, sha256);
    if (await this.#has(sha256)) return folder;
    await rm(folder, { recursive: true, force: true });
    try {
      await rename(download, folder);
    } catch (error) {
      if (!(await this.#has(sha256))) throw error;
    }
    return folder;
  }

  async remember(registry: string, uri: string, model: CachedModel): Promise<void> {
    const path = this.#recordOf(registry, uri);
    await mkdir(join(this.#folder, "known"), { recursive: true });
    await writeFile(`${path}.${process.pid}`, JSON.stringify({ registry, uri, ...model }));
    await rename(`${path}.${process.pid}`, path);
  }

  /** Returns the model that a URI last resolved to, if its files are still present and unchanged. */
  async recall(registry: string, uri: string): Promise<(CachedModel & { readonly folder: string }) | undefined> {
    const text = await readFile(this.#recordOf(registry, uri), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const known = JSON.parse(text) as CachedModel;
    return (await this.#has(known.sha256)) ? { ...known, folder: join(this.#folder, known.sha256) } : undefined;
  }

  async #has(sha256: string): Promise<boolean> {
    return (await digestFolder(join(this.#folder, sha256)).catch(() => undefined)) === sha256;
  }

  #recordOf(registry: string, uri: string): string {
    return join(this.#folder, "known", `${hash(`${registry}\n${uri}`)}.json`);
  }
}
