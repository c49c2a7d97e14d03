import { exitWithEngine } from "./exit-with-engine.ts";
import { reportOnce } from "./report-once.ts";

type Method = (...args: never[]) => unknown;

/**
 * Wraps a dynamic resource's provider for export. Its errors are shown once, without a stack trace, and its process exits when the
 * engine does.
 */
export function defineProvider<Provider extends Readonly<Record<string, Method>>>(provider: Provider): Provider {
  exitWithEngine();
  const guarded = Object.entries(provider).map(([name, method]) => [
    name,
    async (...args: never[]) => {
      try {
        return await Reflect.apply(method, provider, args);
      } catch (error) {
        throw reportOnce(error);
      }
    },
  ]);
  return Object.fromEntries(guarded) as Provider;
}
