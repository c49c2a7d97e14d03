/** What target local uses unless it is told otherwise, as config of this project and as arguments of other programs. */
export const LOCAL_DEFAULTS = { dataFolder: ".local", pythonVenv: ".venv", mlflowPort: 5050 } as const;
