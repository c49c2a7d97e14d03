/** A package in an npm lock file (version 3): the fields that are read here. */
interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface LockFile {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface PrunedLock {
  /** package.json of an application with these packages, at the locked versions. */
  readonly manifest: { readonly type: "module"; readonly private: true; readonly dependencies: Record<string, string> };
  /** Its lock file: a subset of the entries of the whole one. */
  readonly lock: LockFile & { readonly requires: true };
}

/**
 * Prunes a lock file to what some packages require. One lock file remains the source for all, and changes to packages that the
 * application does not use have no effect.
 * @param roots names of packages
 * @throws Error if the lock file has no entry for a required package
 */
export function pruneLock(whole: LockFile, roots: readonly string[]): PrunedLock {
  const kept = new Set<string>();
  const visit = (name: string, from: string, optional: boolean) => {
    const path = resolve(whole, name, from);
    if (path === undefined) {
      if (optional) return;
      throw new Error(`package-lock.json has no ${name}${from && `, which ${from} requires`}. Run: npm install`);
    }
    if (kept.has(path)) return;
    kept.add(path);
    const { dependencies = {}, optionalDependencies = {} } = whole.packages[path] ?? {};
    for (const dependency of Object.keys(dependencies)) visit(dependency, path, dependency in optionalDependencies);
    for (const dependency of Object.keys(optionalDependencies)) visit(dependency, path, true);
  };
  for (const name of roots) visit(name, "", false);
  const dependencies = Object.fromEntries(
    [...roots].sort().map((name) => [name, whole.packages[`node_modules/${name}`]?.version ?? ""]),
  );
  const packages = Object.fromEntries([...kept].sort().map((path) => [path, whole.packages[path] ?? {}]));
  return {
    manifest: { type: "module", private: true, dependencies },
    lock: {
      lockfileVersion: whole.lockfileVersion,
      requires: true,
      packages: { "": { dependencies }, ...packages },
    },
  };
}

/** Resolves a package by Node's rule: the nearest node_modules folder, starting with the package's own. */
function resolve({ packages }: LockFile, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const path = `${folder && `${folder}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (folder === "") return undefined;
  }
}
