/**
 * The environment of the processes that the engine starts.
 * @module
 */
import { getCompileCacheDir } from "node:module";

/**
 * Node's compile cache halves the time that loading the SDK takes. A user's own choice, on or off, stands.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { env } = process;
  const cache = getCompileCacheDir();
  if (env.NODE_COMPILE_CACHE !== undefined || env.NODE_DISABLE_COMPILE_CACHE !== undefined || cache === undefined)
    return env;
  return { ...env, NODE_COMPILE_CACHE: cache };
}
