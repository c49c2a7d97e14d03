import type { onnx as Onnx } from "onnx-proto";
import { PredictorError } from "./errors.ts";
import { visit } from "./onnx-summary.ts";

/** A locale that every Linux image with glibc includes. */
const AVAILABLE = "C.UTF-8";
/** Locales that are available everywhere. */
const EVERYWHERE: ReadonlySet<string> = new Set(["C", "POSIX", "C.utf8", AVAILABLE]);
/** Languages with a dotless i. In glibc, all others convert the case of every character as C.UTF-8 does. */
const TURKIC = /^(?:tr|az|crh|ku|tt)(?:[_.@-]|$)/i;

/**
 * Replaces the locale of StringNormalizer, in place, by one that is available everywhere. skl2onnx writes en_US to each model with strings, which a slim
 * image lacks: the gate would pass on a machine that has it, but the service would not start.
 * @throws PredictorError for a locale with different rules for letters
 */
export function useAvailableLocale(model: Onnx.IModelProto, platform: string = process.platform): void {
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
          `its StringNormalizer requires the locale ${locale}, which treats I and i differently from other languages and is not in the service's image. ` +
            "Change the case of the strings before they reach the model, or export it with the locale en_US",
        );
      // Other systems name locales differently, and have no slim images.
      if (platform !== "linux") return;
      const available = { name: "locale", type: STRING, s: Buffer.from(AVAILABLE) };
      const found = attribute("locale");
      if (found) Object.assign(found, available);
      else node.attribute.push(available);
    },
    tensor: () => {},
  });
}

/** AttributeProto.AttributeType.STRING. */
const STRING = 3;
