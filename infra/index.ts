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

// The SDK notes where each promise was made, through source maps that it installs. Node runs this program as it is written:
// the maps would tell nothing and take a sixth of an update that changes nothing.
Reflect.deleteProperty(Error, "prepareStackTrace");

showErrorsPlainly();

// Config is read once: compiling a parser for it costs more than the parser saves.
z.config({ jitless: true });

/**
 * The program of every stack: config, one environment on one target, its outputs.
 * @param load loads the target; without a deployment, one that queries nothing
 */
export default async (load: (settings: Settings) => Promise<Target> = loadTarget): Promise<pulumi.Inputs> => {
  const { settings, namesModel, warnings } = loadSettings();
  for (const warning of warnings) await pulumi.log.warn(warning);
  // parseSettings refuses a staging without a gate.
  if (settings.environment === "staging") return staging(settings as StagingSettings, await load(settings));
  const complete = await withStagingOutputs(settings, namesModel);
  return production(complete, await load(complete.settings));
};
