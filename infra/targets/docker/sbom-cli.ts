import { imageFiles, SBOM } from "./image-files.ts";

// `npm run sbom`: prints the bill of materials that every service image contains as /app/sbom.cdx.json.
process.stdout.write(imageFiles(".").files.get(SBOM) ?? "");
