# MLflow's server from the pinned requirements of the local target, with drivers for Postgres and S3. Context: infra/targets.
ARG PYTHON_IMAGE=python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea
FROM ${PYTHON_IMAGE}
COPY local/requirements.txt docker/mlflow-drivers.txt /tmp/
RUN pip install --no-cache-dir --requirement /tmp/requirements.txt --requirement /tmp/mlflow-drivers.txt
