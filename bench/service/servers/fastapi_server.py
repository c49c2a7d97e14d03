"""FastAPI with pydantic's validation and onnxruntime, as commonly written."""

import os

import numpy as np
import onnxruntime
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(os.path.join(os.environ["MODEL_FOLDER"], "model.onnx"), options)
name = session.get_inputs()[0].name
width = session.get_inputs()[0].shape[1]
app = FastAPI()


class PredictRequest(BaseModel):
    features: list[list[float]]


@app.post("/predict")
async def predict(request: PredictRequest):
    if any(len(row) != width for row in request.features):
        raise HTTPException(422, f"rows must have {width} numbers")
    labels, probabilities = session.run(["label", "probabilities"], {name: np.array(request.features, np.float32)})
    return {"predictions": labels.tolist(), "probabilities": probabilities.tolist()}
