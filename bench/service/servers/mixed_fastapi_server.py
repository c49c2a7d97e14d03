"""FastAPI with pydantic's validation and onnxruntime for the mixed model: one tensor per column, as skl2onnx converts a data frame."""

import os

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(os.path.join(os.environ["MODEL_FOLDER"], "model.onnx"), options)
TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(bool)": np.bool_, "tensor(string)": object}
columns = [(one.name, TYPES[one.type]) for one in session.get_inputs()]
app = FastAPI()

Row = tuple[float, float, float, float, float, float, float, int, bool, str, str, str]


class PredictRequest(BaseModel):
    features: list[Row]


@app.post("/predict")
async def predict(request: PredictRequest):
    values = zip(*request.features)
    feeds = {name: np.array(column, dtype).reshape(-1, 1) for (name, dtype), column in zip(columns, values)}
    labels, probabilities = session.run(["label", "probabilities"], feeds)
    return {"predictions": labels.tolist(), "probabilities": probabilities.tolist()}
