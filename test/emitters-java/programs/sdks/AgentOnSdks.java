import io.opentelemetry.api.GlobalOpenTelemetry;
import java.util.HashMap;
import java.util.function.UnaryOperator;

/** The OpenAI and AWS SDKs below the OpenTelemetry Java agent, which the virtual machine was started with. */
final class AgentOnSdks {
  public static void main(String[] arguments) throws Exception {
    var cases = new HashMap<>(new OpenAiCases(UnaryOperator.identity(), UnaryOperator.identity()).all());
    cases.putAll(BedrockCases.all());
    // The agent flushes when the virtual machine ends.
    CaseRun.run(GlobalOpenTelemetry.get(), cases, () -> {});
  }
}
