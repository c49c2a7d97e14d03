/** Colours of the service's pages and of the gate's report. Against `paper` and `panel`, text has a contrast of at least 4.5, and marks of at least 3. */
export const TOKENS = {
  light: {
    ink: "#1b1f24",
    soft: "#515a65",
    paper: "#fff",
    panel: "#f5f6f8",
    line: "#d6dae0",
    faint: "#7d8794",
    accent: "#1f6fd0",
    good: "#176b33",
    bad: "#c02020",
    open: "#855800",
    /** Backgrounds of text in the colour of `paper`. Staging and production must look different. */
    staging: "#9a4a00",
    production: "#1c5fb4",
  },
  dark: {
    ink: "#e6e9ed",
    soft: "#a9b1bc",
    paper: "#14171b",
    panel: "#1d2127",
    line: "#39404a",
    faint: "#79838f",
    accent: "#5aa2f5",
    good: "#4fc46c",
    bad: "#ff7b72",
    open: "#e3b341",
    staging: "#f0a355",
    production: "#5aa2f5",
  },
} as const;

type Theme = Readonly<Record<string, string>>;

const properties = (theme: Theme) =>
  Object.entries(theme)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(" ");

/** Renders two themes as custom properties. Printed pages always use the light one. */
export const themesOf = (light: Theme, dark: Theme): string => `:root { color-scheme: light dark; ${properties(light)} }
@media screen and (prefers-color-scheme: dark) { :root { ${properties(dark)} } }
@media print { :root { color-scheme: light; } }`;

/** Returns the pages' icon on a ground, as a data URL. */
export function iconOn(ground: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${ground}"/><path d="M8 17l8-8 8 8M8 25l8-8 8 8" fill="none" stroke="${TOKENS.light.paper}" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
}
