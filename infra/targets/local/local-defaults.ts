/** Defaults of target local: of this project's config, and of the arguments that other programs pass. */
export const LOCAL_DEFAULTS = { dataFolder: ".local", pythonVenv: ".venv", mlflowPort: 5050 } as const;
