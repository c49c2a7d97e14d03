import type { onnx as Onnx } from "onnx-proto";
import onnxProto from "onnx-proto";
import { expect, test } from "vitest";
import { useAvailableLocale } from "../../service/predictor/locales.ts";

const { onnx } = onnxProto;

interface Normalizer {
  readonly locale?: string;
  readonly action?: string;
  readonly isCaseSensitive?: boolean;
}

const normalizer = ({ locale, action = "LOWER", isCaseSensitive = false }: Normalizer): Onnx.INodeProto => ({
  opType: "StringNormalizer",
  attribute: [
    { name: "case_change_action", type: 3, s: Buffer.from(action) },
    { name: "is_case_sensitive", type: 2, i: Number(isCaseSensitive) },
    ...(locale === undefined ? [] : [{ name: "locale", type: 3, s: Buffer.from(locale) }]),
  ],
});

/** The locale after a round trip through a file, as the runtime sees it. */
function localeOf(given: Normalizer, platform = "linux"): string | undefined {
  const model = onnx.ModelProto.fromObject({ graph: { node: [normalizer(given)] } });
  useAvailableLocale(model, platform);
  const { graph } = onnx.ModelProto.decode(onnx.ModelProto.encode(model).finish());
  const found = graph?.node?.[0]?.attribute?.find(({ name }) => name === "locale");
  return found?.s ? Buffer.from(found.s).toString() : undefined;
}

test.each<[string, Normalizer, string | undefined]>([
  ["skl2onnx's locale", { locale: "en_US" }, "C.UTF-8"],
  ["the runtime's default", {}, "C.UTF-8"],
  ["upper case", { locale: "de_DE.UTF-8", action: "UPPER" }, "C.UTF-8"],
  ["case-insensitive stop words", { locale: "fr_FR", action: "NONE" }, "C.UTF-8"],
  ["ASCII letters alone", { locale: "C" }, "C"],
  ["no case change", { locale: "tr_TR", action: "NONE", isCaseSensitive: true }, "tr_TR"],
])("a slim image can run %s", (_name, given, expected) => {
  expect(localeOf(given)).toBe(expected);
});

test("does not replace locales on other systems", () => {
  expect(localeOf({ locale: "en_US" }, "darwin")).toBe("en_US");
});

test.each(["tr_TR", "tr", "az_AZ.UTF-8", "crh_UA", "ku_TR", "tt_RU@iqtelif"])(
  "rejects %s on every machine, because the service's image lacks its rules for letters",
  (locale) => {
    for (const platform of ["linux", "darwin"])
      expect(() => localeOf({ locale }, platform)).toThrow(
        `its StringNormalizer requires the locale ${locale}, which treats I and i differently from other languages and is not in the service's image. Change the case of the strings before they reach the model`,
      );
  },
);
