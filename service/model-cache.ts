import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestFolder, sha256 as hash } from "../registry/artifact-digest.ts";
import type { ModelCard } from "./page/card.ts";

/** The registry's last answer for a URI. */
export interface KnownModel {
  readonly name: string;
  readonly version: string;
  readonly stage: string;
  readonly sha256: string;
  readonly card: ModelCard;
  /** The key that verified the gate's verdict; undefined: not verified. */
  readonly gatePublicKey: string | undefined;
}

/**
 * Models on this machine: each in a folder named by its digest, and the model that each URI of each registry last resolved to. A folder is trusted
 * only after its digest is recomputed, at every start.
 */
export class ModelCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A folder for a download, private to this process. */
  async downloadFolder(): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    return join(this.#folder, `download-${process.pid}`);
  }

  /** Moves a download to its final folder, which it returns. Another process may do the same at the same time. */
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

  async remember(registry: string, uri: string, model: KnownModel): Promise<void> {
    const path = this.#recordOf(registry, uri);
    await mkdir(join(this.#folder, "known"), { recursive: true });
    await writeFile(`${path}.${process.pid}`, JSON.stringify({ registry, uri, ...model }));
    await rename(`${path}.${process.pid}`, path);
  }

  /** The model that a URI last resolved to, if its files are still present and unchanged. */
  async recall(registry: string, uri: string): Promise<(KnownModel & { readonly folder: string }) | undefined> {
    const text = await readFile(this.#recordOf(registry, uri), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const known = JSON.parse(text) as KnownModel;
    return (await this.#has(known.sha256)) ? { ...known, folder: join(this.#folder, known.sha256) } : undefined;
  }

  async #has(sha256: string): Promise<boolean> {
    return (await digestFolder(join(this.#folder, sha256)).catch(() => undefined)) === sha256;
  }

  #recordOf(registry: string, uri: string): string {
    return join(this.#folder, "known", `${hash(`${registry}\n${uri}`)}.json`);
  }
}
