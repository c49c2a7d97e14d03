"""Predicts how far diabetes has progressed after a year: a ridge regression in float64."""

import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score, root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from examples.contract import read_snapshots, register, training_params

params = training_params(alpha=1.0)
training, evaluation = read_snapshots()
features = training.features.astype("float64")
judged = evaluation.features[features.columns].astype("float64")

model = make_pipeline(StandardScaler(), Ridge(alpha=params["alpha"]))
model.fit(features.to_numpy(), training.truth, ridge__sample_weight=training.weights)
values = model.predict(judged.to_numpy())
register(
    to_onnx(model, initial_types=[("features", DoubleTensorType([None, len(features.columns)]))], target_opset=17),
    features=features,
    output=values[:5],
    training=training,
    evaluation=evaluation,
    predictions=pd.DataFrame({"prediction": values}),
    params=params,
    metrics={"rmse": root_mean_squared_error(evaluation.truth, values), "r2": r2_score(evaluation.truth, values)},
)
