type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings, as arguments of `pulumi --config … --config-path`, that a run's variables ask for.
 * @param env MODEL_VERSION: the version to promote; OVERRIDE_REASON: why one goes to production that the guard refuses
 * @throws Error for a version that is none, or a variable that the stack has no use for
 */
export function configFor(stack: "staging" | "production", env: Environment): string[] {
  const version = env.MODEL_VERSION?.trim();
  const reason = env.OVERRIDE_REASON?.trim();
  if (stack === "staging") {
    if (version || reason)
      throw new Error("MODEL_VERSION and OVERRIDE_REASON are for production: staging trains its own");
    return [];
  }
  if (!version) return [];
  if (!/^\d+$/.test(version))
    throw new Error(`MODEL_VERSION must be a version number, such as 3; it is ${JSON.stringify(version)}`);
  const override = [`promotion.override.version=${version}`, `promotion.override.reason=${reason}`];
  return [`promotion.version=${version}`, ...(reason ? override : [])];
}
