import type { ContractMutant, ContractScene, Row } from "./scene.ts";

type Snapshot = "evaluation" | "training" | "reference";

/** Changes a cell in one row or in each selected row. */
const cell =
  (
    column: string,
    value: Row[string] | ((was: Row[string]) => Row[string]),
    of: Snapshot = "evaluation",
    rows = [123],
  ) =>
  (scene: ContractScene) => {
    scene[of] = scene[of].map((row, place) =>
      rows.includes(place) ? { ...row, [column]: typeof value === "function" ? value(row[column]) : value } : row,
    );
  };
const everyRow = Array.from({ length: 400 }, (_, row) => row);
const renamed = (from: string, to: string) => (scene: ContractScene) => {
  scene.evaluation = scene.evaluation.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name === from ? to : name, value])),
  );
};

const own = (name: string, mutate: ContractMutant["mutate"]): ContractMutant => ({
  name,
  check: "data.contract",
  mutate,
});

export const CONTRACT_MUTANTS: readonly ContractMutant[] = [
  own("a number below its range", cell("a", -4)),
  own(
    "a unit that changed: cents instead of euros",
    cell("income", (was) => was && Number(was) * 100, "evaluation", everyRow),
  ),
  own("a category that is not listed", cell("plan", "gold")),
  own("a category in another case", cell("plan", "Basic")),
  own("a category with a blank behind it", cell("plan", '"basic "')),
  own("more values missing than allowed", cell("income", undefined, "evaluation", everyRow.slice(0, 30))),
  own("an identifier that is missing", cell("customer", undefined)),
  own("an identifier that is there twice", cell("customer", "e-7")),
  own("a column that was renamed", renamed("income", "incomes")),
  own("a column that was dropped", (scene) => {
    scene.evaluation = scene.evaluation.map(({ member: _, ...row }) => row);
  }),
  own("a count with a fraction", cell("visits", 2.5)),
  own("a text among numbers", cell("income", "n/a")),
  own("a decimal comma", cell("income", '"1234,5"')),
  own("a word that is neither true nor false", cell("member", "maybe")),
  own("a date in another notation", cell("since", "11/01/2020")),
  own("a date of the future", cell("since", "2062-01-11")),
  own("a date before the first customer", cell("since", "1970-01-01")),
  own("too few rows", (scene) => {
    scene.evaluation = scene.evaluation.slice(0, 199);
  }),
  own("too many rows", (scene) => {
    const more = (part: number) => scene.evaluation.map((row) => ({ ...row, customer: `${part}-${row.customer}` }));
    scene.evaluation = [0, 1, 2, 3, 4, 5].flatMap(more);
  }),
  own("more rows than the tolerance", (scene) => {
    scene.policy.data = { contract: { max: 0.01 } };
    cell("plan", "gold", "evaluation", everyRow.slice(0, 5))(scene);
  }),
  { name: "training data that break it", check: "data.contract.training", mutate: cell("visits", -1, "training") },
  { name: "reference data that break it", check: "data.contract.reference", mutate: cell("plan", "gold", "reference") },
  {
    name: "a contract that the policy asks for and the stack lacks",
    check: "data.contract",
    outcome: "inconclusive",
    mutate: (scene) => {
      scene.contract = undefined;
    },
  },
];
