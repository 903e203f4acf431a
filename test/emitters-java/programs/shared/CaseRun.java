import com.fasterxml.jackson.databind.ObjectMapper;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;

/**
 * What every program shares: one root span with the attribution per case, and the report at the end.
 *
 * <p>The parent names the cases in OUTLAY_RUN and gives each a base URL of its own on the stub provider.
 */
final class CaseRun {
  /** The stub provider, for one case: requests of different cases are told apart by their base URL. */
  record Lane(String url, String model) {
    String openAiUrl() {
      return url + "/v1";
    }
  }

  @FunctionalInterface
  interface Case {
    void run(Lane lane) throws Exception;
  }

  private record Run(String emitter, String collectorUrl, Map<String, Lane> cases) {}

  private record Report(Iterable<String> ran, Iterable<String> refused) {}

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Run RUN = read(System.getenv("OUTLAY_RUN"));

  private static final PrintStream REPORT = System.out;

  static {
    // Frameworks write banners and logs to it.
    System.setOut(System.err);
  }

  private CaseRun() {}

  static String emitter() {
    return RUN.emitter();
  }

  static String tracesUrl() {
    return RUN.collectorUrl() + "/v1/traces";
  }

  /** Runs the cases that the parent asked for, all of which must be here, then flushes what they emitted. */
  static void run(OpenTelemetry telemetry, Map<String, Case> cases, Runnable flush) throws Exception {
    var tracer = telemetry.getTracer("app");
    for (var asked : RUN.cases().entrySet()) {
      var id = asked.getKey();
      var root = tracer.spanBuilder("handle " + id).setAllAttributes(attribution(id));
      runInside(root.startSpan(), cases.get(id), asked.getValue());
    }
    flush.run();
    REPORT.println(JSON.writeValueAsString(new Report(RUN.cases().keySet(), LoopbackOnly.refused())));
    REPORT.flush();
    // Pools of clients keep threads alive for a minute; what hooks into the shutdown still runs.
    System.exit(0);
  }

  private static void runInside(Span span, Case named, Lane lane) throws Exception {
    try (Scope ignored = span.makeCurrent()) {
      named.run(lane);
    } finally {
      span.end();
    }
  }

  private static Attributes attribution(String caseId) {
    return Attributes.builder()
        .put("outlay.tenant.id", "acme")
        .put("outlay.feature", RUN.emitter())
        .put("outlay.workload", "agent")
        .put("outlay.task.id", RUN.emitter() + "/" + caseId)
        .build();
  }

  private static Run read(String json) {
    try {
      return JSON.readValue(json, Run.class);
    } catch (IOException error) {
      throw new IllegalStateException("OUTLAY_RUN cannot be read", error);
    }
  }
}
