import io.opentelemetry.instrumentation.openai.v1_1.OpenAITelemetry;

/** OpenTelemetry's instrumentation of the OpenAI SDK as a library, without an agent. */
final class LibraryOnOpenAi {
  public static void main(String[] arguments) throws Exception {
    var telemetry = OwnSdk.exporting();
    var openAi = OpenAITelemetry.create(telemetry);
    CaseRun.run(telemetry, new OpenAiCases(openAi::wrap, openAi::wrap).all(), telemetry::close);
  }
}
