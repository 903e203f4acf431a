import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;

/** OpenTelemetry's SDK, for emitters that bring none of their own: also the global one, where they look for it. */
final class OwnSdk {
  private OwnSdk() {}

  static OpenTelemetrySdk exporting() {
    var exporter = OtlpHttpSpanExporter.builder().setEndpoint(CaseRun.tracesUrl()).build();
    var tracers = SdkTracerProvider.builder().addSpanProcessor(BatchSpanProcessor.builder(exporter).build()).build();
    return OpenTelemetrySdk.builder().setTracerProvider(tracers).buildAndRegisterGlobal();
  }
}
