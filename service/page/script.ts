import { ANSWER } from "./script/answer.ts";
import { BARS } from "./script/bars.ts";
import { COMMON } from "./script/common.ts";
import { FORM } from "./script/form.ts";
import { WATCH } from "./script/watch.ts";

/** The script of the page at `/`, as sent to the browser. */
export const SCRIPT = [COMMON, BARS, FORM, ANSWER, WATCH].join("");
