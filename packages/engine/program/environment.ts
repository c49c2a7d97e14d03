/**
 * The environment of child processes.
 * @module
 */
import { getCompileCacheDir } from "node:module";

/** Returns the environment with Node's compile cache, which halves the loading time of the SDK. Keeps the user's own setting, on or off. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { env } = process;
  const cache = getCompileCacheDir();
  if (env.NODE_COMPILE_CACHE !== undefined || env.NODE_DISABLE_COMPILE_CACHE !== undefined || cache === undefined)
    return env;
  return { ...env, NODE_COMPILE_CACHE: cache };
}
