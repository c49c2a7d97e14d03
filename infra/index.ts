import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { production } from "./environments/production.ts";
import { staging } from "./environments/staging.ts";
import { withStagingOutputs } from "./environments/staging-stack.ts";
import { loadSettings } from "./load-settings.ts";
import type { Settings, StagingSettings } from "./settings.ts";
import { showErrorsPlainly } from "./show-errors-plainly.ts";
import { loadTarget } from "./targets/load-target.ts";
import type { Target } from "./targets/target.ts";

// The SDK installs source maps to record where each promise was created. Node runs this program's sources directly:
// the maps would add nothing and take a sixth of an update without changes.
Reflect.deleteProperty(Error, "prepareStackTrace");

showErrorsPlainly();

// Config is parsed once: compiling a parser would cost more than it saves.
z.config({ jitless: true });

/**
 * Runs the program of every stack: config, one environment on one target, its outputs.
 * @param load loads the target; without a deployment, a target that queries nothing
 */
export default async (load: (settings: Settings) => Promise<Target> = loadTarget): Promise<pulumi.Inputs> => {
  const { settings, namesModel, warnings } = loadSettings();
  for (const warning of warnings) await pulumi.log.warn(warning);
  // parseSettings rejects a staging without a gate.
  if (settings.environment === "staging") return staging(settings as StagingSettings, await load(settings));
  const complete = await withStagingOutputs(settings, namesModel);
  return production(complete, await load(complete.settings));
};
