import { context, SpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Trace } from "../http/request-id.ts";
import type { ModelIdentity } from "../model-source.ts";

/** Traces requests. */
export interface Spans {
  /** Starts a request's span, as a child of the caller's span if there is one. */
  start(route: string, parent: Trace | undefined): { end(status: number): void };
  /** Flushes pending spans. */
  stop(): Promise<void>;
}

/**
 * Exports one span per request with OTLP over HTTP. OpenTelemetry's standard variables configure endpoint, headers, sampler, batching, service name and
 * resource (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER, OTEL_BSP_*, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES).
 */
export function startTelemetry(model: ModelIdentity): Spans {
  const resource = defaultResource()
    .merge(
      resourceFromAttributes({
        "service.name": "inference-service",
        "service.version": model.version,
        "deployment.environment.name": model.stage,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer("inference-service");
  const attributes = { "model.name": model.name, "model.version": model.version };

  return {
    start(route, parent) {
      const from = parent
        ? trace.setSpanContext(context.active(), {
            traceId: parent.traceId,
            spanId: parent.spanId,
            traceFlags: parent.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
            isRemote: true,
          })
        : context.active();
      const options = {
        kind: SpanKind.SERVER,
        attributes: { ...attributes, "http.route": route, "http.request.method": "POST" },
      };
      const span = tracer.startSpan(`POST ${route}`, options, from);
      return {
        end(status) {
          span.setAttribute("http.response.status_code", status);
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    stop: () => provider.shutdown(),
  };
}
