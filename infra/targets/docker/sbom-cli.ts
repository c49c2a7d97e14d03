import { imageFiles, SBOM } from "./image-context.ts";

// `npm run sbom`: the bill of materials that every image of the service carries, as /app/sbom.cdx.json.
process.stdout.write(imageFiles(".").files.get(SBOM) ?? "");
