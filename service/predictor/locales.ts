import type { onnx as Onnx } from "onnx-proto";
import { PredictorError } from "./errors.ts";
import { visit } from "./onnx-summary.ts";

/** A locale that every Linux image with glibc has. */
const PRESENT = "C.UTF-8";
/** Other locales that are present everywhere. */
const EVERYWHERE: ReadonlySet<string> = new Set(["C", "POSIX", "C.utf8", PRESENT]);
/** Languages with a dotless i. In glibc, all others change the case of every character as C.UTF-8 does. */
const TURKIC = /^(?:tr|az|crh|ku|tt)(?:[_.@-]|$)/i;

/**
 * Lets StringNormalizer run where the model's locale is not installed, in place: skl2onnx writes en_US into each model of texts, which a slim image lacks. The
 * gate would pass where it is installed, and the service would not start.
 * @throws PredictorError for a locale whose letters differ
 */
export function usePresentLocale(model: Onnx.IModelProto, platform: string = process.platform): void {
  visit(model, {
    node: (node) => {
      if (node.opType !== "StringNormalizer" || (node.domain && node.domain !== "ai.onnx")) return;
      node.attribute ??= [];
      const attribute = (name: string) => node.attribute?.find((it) => it.name === name);
      const text = (name: string) => Buffer.from(attribute(name)?.s ?? []).toString();
      const comparesCase = Number(attribute("is_case_sensitive")?.i ?? 0) !== 0;
      const keepsCase = ["", "NONE"].includes(text("case_change_action"));
      // The runtime then needs no locale.
      if (keepsCase && comparesCase) return;
      const locale = text("locale");
      if (EVERYWHERE.has(locale)) return;
      if (TURKIC.test(locale))
        throw new PredictorError(
          `its StringNormalizer needs the locale ${locale}, whose I and i differ from those of other languages, and which the service's image does not have. ` +
            "Change the case of the texts before the model, or export it with the locale en_US",
        );
      // Other systems have other names of locales, and no slim images.
      if (platform !== "linux") return;
      const present = { name: "locale", type: STRING, s: Buffer.from(PRESENT) };
      const found = attribute("locale");
      if (found) Object.assign(found, present);
      else node.attribute.push(present);
    },
    tensor: () => {},
  });
}

/** AttributeProto.AttributeType.STRING. */
const STRING = 3;
