import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestFolder, sha256 as hash } from "../registry/artifact-digest.ts";
import type { ModelCard } from "./page/card.ts";

/** What the registry said of a URI when it last answered. */
export interface KnownModel {
  readonly name: string;
  readonly version: string;
  readonly stage: string;
  readonly sha256: string;
  readonly card: ModelCard;
  /** The key that the gate's verdict was checked against; undefined: it was not. */
  readonly gatePublicKey: string | undefined;
}

/**
 * Models on this machine: each in a folder named by its digest, and for each URI of each registry the model that it last meant. A folder is
 * believed only as far as its digest goes: it is computed anew at every start.
 */
export class ModelCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A folder for a download, for this process alone. */
  async downloadFolder(): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    return join(this.#folder, `download-${process.pid}`);
  }

  /** Moves a download to its place; answers the place. Another process may be doing the same. */
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

  /** The model that a URI last meant, if its files are still here and whole. */
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
