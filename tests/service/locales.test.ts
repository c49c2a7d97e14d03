import type { onnx as Onnx } from "onnx-proto";
import onnxProto from "onnx-proto";
import { expect, test } from "vitest";
import { usePresentLocale } from "../../service/predictor/locales.ts";

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

/** The locale after a way through a file, as the runtime sees it. */
function localeOf(given: Normalizer, platform = "linux"): string | undefined {
  const model = onnx.ModelProto.fromObject({ graph: { node: [normalizer(given)] } });
  usePresentLocale(model, platform);
  const { graph } = onnx.ModelProto.decode(onnx.ModelProto.encode(model).finish());
  const found = graph?.node?.[0]?.attribute?.find(({ name }) => name === "locale");
  return found?.s ? Buffer.from(found.s).toString() : undefined;
}

test.each<[string, Normalizer, string | undefined]>([
  ["skl2onnx's locale", { locale: "en_US" }, "C.UTF-8"],
  ["the runtime's default", {}, "C.UTF-8"],
  ["upper case", { locale: "de_DE.UTF-8", action: "UPPER" }, "C.UTF-8"],
  ["stop words of any case", { locale: "fr_FR", action: "NONE" }, "C.UTF-8"],
  ["ASCII letters alone", { locale: "C" }, "C"],
  ["no change of case", { locale: "tr_TR", action: "NONE", isCaseSensitive: true }, "tr_TR"],
])("a slim image can run %s", (_name, given, expected) => {
  expect(localeOf(given)).toBe(expected);
});

test("other systems have locales of their own", () => {
  expect(localeOf({ locale: "en_US" }, "darwin")).toBe("en_US");
});

test.each(["tr_TR", "tr", "az_AZ.UTF-8", "crh_UA", "ku_TR", "tt_RU@iqtelif"])(
  "refuses %s on every machine, because the service's image has other letters",
  (locale) => {
    for (const platform of ["linux", "darwin"])
      expect(() => localeOf({ locale }, platform)).toThrow(
        `its StringNormalizer needs the locale ${locale}, whose I and i differ from those of other languages, and which the service's image does not have. Change the case of the texts before the model`,
      );
  },
);
