/**
 * What all parts of one deployment share.
 * @module
 */
import type { Provider } from "../providers/provider.ts";
import type { ProviderRegistry } from "../providers/registry.ts";
import { DependencyGraph } from "../resources/graph.ts";
import type { ResourceState } from "../resources/state.ts";
import { isProviderType, parseProviderReference } from "../resources/urn.ts";
import type { SnapshotBase, SnapshotManager } from "../state/snapshot-manager.ts";
import { Ledger } from "../steps/ledger.ts";
import { Selection, type SelectionFlags } from "../steps/selection.ts";
import type { Observer } from "./events.ts";

export interface WorldOptions {
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
  readonly parallel: number;
  readonly selection: SelectionFlags;
  readonly base: SnapshotBase;
  readonly registry: ProviderRegistry;
  readonly observer: Observer;
  /** Absent in a preview: nothing is written. */
  readonly snapshots: SnapshotManager | undefined;
}

export class World {
  readonly options: WorldOptions;
  readonly ledger = new Ledger();
  readonly selection: Selection;
  /** The resources of the last deployment, by URN; those that wait for deletion apart. */
  olds = new Map<string, ResourceState>();
  graph: DependencyGraph;
  /** What this run has made or kept, by URN. */
  readonly news = new Map<string, ResourceState>();
  /** Providers that this run has registered. */
  readonly providerStates = new Map<string, ResourceState>();
  /** Something went wrong that did not stop the run: it fails all the same. */
  errored = false;

  constructor(options: WorldOptions) {
    this.options = options;
    this.selection = new Selection(options.selection);
    this.graph = new DependencyGraph(options.base.resources);
    this.rebuild();
  }

  /** After a refresh: the base is another. */
  rebuild(): void {
    const { resources } = this.options.base;
    this.graph = new DependencyGraph(resources);
    this.olds = new Map(resources.filter((state) => !state.delete).map((state) => [state.urn, state]));
  }

  /** The provider of a resource; providers themselves are looked after by the registry. */
  providerOf(state: ResourceState): Provider {
    if (isProviderType(state.type)) return this.options.registry;
    const provider = this.options.registry.get(state.provider);
    if (!provider) throw new Error(`unknown provider '${state.provider}' for resource '${state.urn}'`);
    return provider;
  }

  /** Loads the provider of an old resource, as the last deployment had it. */
  ensureProvider(reference: string): void {
    const { registry, base } = this.options;
    if (reference === "" || registry.get(reference)) return;
    const { urn, id } = parseProviderReference(reference);
    const state = base.resources.find((resource) => resource.urn === urn && resource.id === id);
    if (!state) throw new Error(`could not find provider ${reference}`);
    registry.load(urn, id, state.inputs);
  }
}
