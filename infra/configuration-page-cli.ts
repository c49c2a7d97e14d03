// npm run docs:configuration: writes the tables of docs/configuration.md from the schemas of the stack's config.
import { readFile, writeFile } from "node:fs/promises";
import { parse } from "yaml";
import { configurationTables, type ProjectConfig, settingRows, withTables } from "./configuration-page.ts";

const PAGE = "docs/configuration.md";
const { config } = parse(await readFile("Pulumi.yaml", "utf8")) as { config: ProjectConfig };
await writeFile(PAGE, withTables(await readFile(PAGE, "utf8"), configurationTables(settingRows(config))));
