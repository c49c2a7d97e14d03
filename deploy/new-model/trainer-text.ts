import type { DescribedData } from "./described-data.ts";

/** Returns the preprocessing steps. A kind without columns gets none, because skl2onnx rejects empty steps. */
function steps({ numbers, booleans, texts }: DescribedData): string {
  return [
    ...(numbers.length > 0 ? ['        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),'] : []),
    ...(booleans.length > 0 ? ['        ("booleans", "passthrough", BOOLEANS),'] : []),
    ...(texts.length > 0
      ? [
          "        # A text that does not occur in the training rows is encoded as all zeros.",
          '        ("texts", OneHotEncoder(handle_unknown="ignore"), TEXTS),',
        ]
      : []),
  ].join("\n");
}

/** Returns a Python list of names, one per line. JSON strings are valid in Python. */
const list = (names: readonly string[]) =>
  names.length === 0 ? "[]" : `[\n${names.map((name) => `    ${JSON.stringify(name)},\n`).join("")}]`;

/** Returns a scikit-learn trainer for these columns. */
export function trainerText(name: string, data: DescribedData): string {
  const { label, task, numbers, booleans, texts, classes = [] } = data;
  const hasBooleans = booleans.length > 0;
  // The columns in the order of the graph's inputs.
  const all = hasBooleans ? "NUMBERS + BOOLEANS + TEXTS" : "NUMBERS + TEXTS";
  const isRegression = task === "regression";
  const isWhole = classes.every((one) => typeof one === "number");
  const hasBooleanLabel = classes.some((one) => typeof one === "boolean");
  const readsLabel = !isRegression && !isWhole;
  const estimator = isRegression ? 'Ridge(alpha=params["alpha"])' : 'LogisticRegression(C=params["C"], max_iter=1000)';
  return `"""Trains ${name}: ${isRegression ? "a ridge" : "a logistic"} regression on numbers and texts with missing values, as one ONNX graph."""

import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import ${hasBooleans ? "BooleanTensorType, " : ""}FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ${isRegression ? "Ridge" : "LogisticRegression"}
from sklearn.metrics import ${isRegression ? "r2_score, root_mean_squared_error" : "accuracy_score, f1_score"}
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from examples.contract import read_snapshots, register, training_params

${readsLabel ? `LABEL = ${JSON.stringify(label)}\n` : ""}NUMBERS = ${list(numbers)}
${hasBooleans ? `BOOLEANS = ${list(booleans)}\n` : ""}TEXTS = ${list(texts)}


def typed(features):
    """Returns the model's columns in the types in which it is served."""
${hasBooleans ? '    # "boolean" rejects gaps and texts such as no, which "bool" would read as true.\n    features = features.astype({name: "boolean" for name in BOOLEANS})\n' : ""}    return features[${all}].astype({name: "float32" for name in NUMBERS}${hasBooleans ? ' | {name: "bool" for name in BOOLEANS}' : ""})


def rows(features):
    """Returns the features as the graph sees them: a missing number is NaN, a missing text is empty."""
    return features.assign(**{name: features[name].astype(object).fillna("") for name in TEXTS})


def with_column_names(onnx_model):
    """Restores the columns' names as the inputs' names, in which skl2onnx replaces characters such as spaces."""
    names = dict(zip([one.name for one in onnx_model.graph.input], ${all}))
    for one in onnx_model.graph.input:
        one.name = names[one.name]
    for node in onnx_model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
    return onnx_model


params = training_params(${isRegression ? "alpha" : "C"}=1.0)
training, evaluation = read_snapshots(numbers=${hasBooleans ? "NUMBERS + BOOLEANS" : "NUMBERS"}, texts=${readsLabel ? "[*TEXTS, LABEL]" : "TEXTS"})
features, judged = typed(training.features), typed(evaluation.features)
${
  isRegression
    ? 'truth, expected = training.truth.astype("float64"), evaluation.truth.astype("float64")'
    : isWhole
      ? 'truth, expected = training.truth.astype("int64"), evaluation.truth.astype("int64")'
      : hasBooleanLabel
        ? "# One class, however its cells are written: true, True or TRUE.\ntruth, expected = (one.truth.str.lower().astype(object) for one in (training, evaluation))"
        : "truth, expected = training.truth.astype(object), evaluation.truth.astype(object)"
}

columns = ColumnTransformer(
    [
${steps(data)}
    ]
)
model = make_pipeline(columns, ${estimator})
model.fit(rows(features), truth, ${isRegression ? "ridge" : "logisticregression"}__sample_weight=training.weights)
${
  hasBooleans
    ? `types = [(name, FloatTensorType([None, 1])) for name in NUMBERS]
types += [(name, BooleanTensorType([None, 1])) for name in BOOLEANS]
types += [(name, StringTensorType([None, 1])) for name in TEXTS]`
    : "types = [(name, FloatTensorType([None, 1])) for name in NUMBERS] + [(name, StringTensorType([None, 1])) for name in TEXTS]"
}
answers = model.predict(rows(judged))
${isRegression ? "" : "shares = dict(zip(model.classes_, model.predict_proba(rows(judged)).T))\n"}register(
${isRegression ? "    with_column_names(to_onnx(model, initial_types=types, target_opset=17))," : '    # Without zipmap=False, the probabilities would be a list of dictionaries.\n    with_column_names(to_onnx(model, initial_types=types, options={"zipmap": False}, target_opset=17)),'}
    features=features,
    output=answers[:5],
    training=training,
    evaluation=evaluation,
    predictions=pd.DataFrame(${isRegression ? '{"prediction": answers}' : '{"label": answers, **{f"probability:{name}": share for name, share in shares.items()}}'}),
    params=params,
    metrics=${isRegression ? '{"rmse": root_mean_squared_error(expected, answers), "r2": r2_score(expected, answers)}' : '{"accuracy": accuracy_score(expected, answers), "macro_f1": f1_score(expected, answers, average="macro")}'},
)
`;
}
