import type { StackFile } from "./stack-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Converts a run's variables to arguments of `pulumi --config … --config-path`.
 * @param env MODEL_VERSION: the version to promote; OVERRIDE_REASON: why a version that the guard refuses goes to production; OVERRIDE_WHO
 *   (or GITHUB_ACTOR): who takes responsibility; OVERRIDE_EXPIRES: until when
 * @throws Error for an invalid version, an incomplete override, or a variable that the stack cannot use
 */
export function configFor(
  { stack, environment }: Pick<StackFile, "stack" | "environment">,
  env: Environment,
): string[] {
  const version = env.MODEL_VERSION?.trim();
  const reason = env.OVERRIDE_REASON?.trim();
  if (environment === "staging") {
    if (version || reason)
      throw new Error(
        `MODEL_VERSION and OVERRIDE_REASON are for production only: stack ${stack} is a staging stack, which trains its own version`,
      );
    return [];
  }
  if (!version) return [];
  if (!/^\d+$/.test(version))
    throw new Error(`MODEL_VERSION must be a version number, such as 3, got ${JSON.stringify(version)}`);
  return [`promotion.version=${version}`, ...(reason ? overrideOf(version, reason, env) : [])];
}

function overrideOf(version: string, reason: string, env: Environment): string[] {
  const who = env.OVERRIDE_WHO?.trim() || env.GITHUB_ACTOR?.trim();
  const expires = env.OVERRIDE_EXPIRES?.trim();
  if (!who || !expires)
    throw new Error(
      "an override requires OVERRIDE_WHO, who takes responsibility, and OVERRIDE_EXPIRES, a time within 7 days " +
        `such as ${new Date(Date.now() + 86_400_000).toISOString()}`,
    );
  return Object.entries({ version, reason, who, expires }).map(([key, value]) => `promotion.override.${key}=${value}`);
}
