/**
 * Shared state of one deployment.
 * @module
 */
import type { Provider } from "../providers/provider.ts";
import type { ProviderRegistry } from "../providers/registry.ts";
import { DependencyGraph } from "../resources/graph.ts";
import type { ResourceState } from "../resources/state.ts";
import { isProviderType, parseProviderReference } from "../resources/urn.ts";
import type { SnapshotBase, SnapshotManager } from "../state/snapshot-manager.ts";
import { Decisions } from "../steps/decisions.ts";
import { Selection, type SelectionFlags } from "../steps/selection.ts";
import type { Observer } from "./events.ts";

export interface DeploymentOptions {
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
  readonly parallel: number;
  readonly selection: SelectionFlags;
  readonly base: SnapshotBase;
  readonly registry: ProviderRegistry;
  readonly observer: Observer;
  /** Absent in a preview, which writes nothing. */
  readonly snapshots: SnapshotManager | undefined;
}

export class DeploymentContext {
  readonly options: DeploymentOptions;
  readonly decisions = new Decisions();
  readonly selection: Selection;
  /** The resources of the last deployment, by URN, except those pending deletion. */
  olds = new Map<string, ResourceState>();
  graph: DependencyGraph;
  /** Resources that this run has created or kept, by URN. */
  readonly news = new Map<string, ResourceState>();
  /** Providers that this run has registered. */
  readonly providerStates = new Map<string, ResourceState>();
  /** Set by an error that fails the run without stopping it. */
  errored = false;

  constructor(options: DeploymentOptions) {
    this.options = options;
    this.selection = new Selection(options.selection);
    this.graph = new DependencyGraph(options.base.resources);
    this.rebuild();
  }

  /** Updates the lookups after a refresh has changed the base. */
  rebuild(): void {
    const { resources } = this.options.base;
    this.graph = new DependencyGraph(resources);
    this.olds = new Map(resources.filter((state) => !state.delete).map((state) => [state.urn, state]));
  }

  /** Returns the provider of a resource; for a provider resource, the registry. */
  providerOf(state: ResourceState): Provider {
    if (isProviderType(state.type)) return this.options.registry;
    const provider = this.options.registry.get(state.provider);
    if (!provider) throw new Error(`unknown provider '${state.provider}' for resource '${state.urn}'`);
    return provider;
  }

  /** Loads the provider of an old resource, with the inputs of the last deployment. */
  ensureProvider(reference: string): void {
    const { registry, base } = this.options;
    if (reference === "" || registry.get(reference)) return;
    const { urn, id } = parseProviderReference(reference);
    const state = base.resources.find((resource) => resource.urn === urn && resource.id === id);
    if (!state) throw new Error(`could not find provider ${reference}`);
    registry.load(urn, id, state.inputs);
  }
}
