"""MLServer with a custom runtime around onnxruntime, without its process pool."""

import asyncio
import os
import sys

import numpy as np
import onnxruntime
from mlserver import MLModel, MLServer
from mlserver.codecs import NumpyCodec
from mlserver.settings import ModelSettings, Settings
from mlserver.types import InferenceRequest, InferenceResponse


class Churn(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.path.join(os.environ["MODEL_FOLDER"], "model.onnx"), options)
        self.input = self.session.get_inputs()[0].name
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        features = NumpyCodec.decode_input(payload.inputs[0]).astype(np.float32)
        labels, probabilities = self.session.run(["label", "probabilities"], {self.input: features})
        return InferenceResponse(
            model_name=self.name,
            outputs=[NumpyCodec.encode_output("label", labels), NumpyCodec.encode_output("probabilities", probabilities)],
        )


async def main(port: int) -> None:
    free = dict(grpc_port=port + 1, metrics_endpoint=None)
    server = MLServer(Settings(host="127.0.0.1", http_port=port, parallel_workers=0, debug=False, **free))
    await server.start([ModelSettings(name="churn", implementation=Churn)])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
