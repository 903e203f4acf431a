import com.google.adk.agents.LlmAgent;
import com.google.adk.agents.RunConfig;
import com.google.adk.agents.RunConfig.StreamingMode;
import com.google.adk.models.Gemini;
import com.google.adk.runner.InMemoryRunner;
import com.google.adk.tools.FunctionTool;
import com.google.genai.Client;
import com.google.genai.types.Content;
import com.google.genai.types.HttpOptions;
import com.google.genai.types.HttpRetryOptions;
import com.google.genai.types.Part;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Agents of Google ADK as an app uses them; which instrumentation listens is none of its business. */
public final class AdkCases {
  private static final String QUESTION = "What is the weather in Porto?";
  private static final String USER = "someone";

  private AdkCases() {}

  /** A tool of the agent. */
  public static Map<String, Object> weather(String city) {
    return Map.of("sky", "sunny in " + city);
  }

  static Map<String, CaseRun.Case> all() {
    var cases = new HashMap<String, CaseRun.Case>();
    for (var name : List.of("plain", "cached", "thoughts", "tool_prompt", "audio", "tools")) {
      cases.put("gemini." + name, lane -> ask(lane, StreamingMode.NONE));
    }
    for (var name : List.of("stream", "thoughts_stream")) {
      cases.put("gemini." + name, lane -> ask(lane, StreamingMode.SSE));
    }
    cases.put("gemini.failure", AdkCases::askAgainAfterFailure);
    return cases;
  }

  private static void ask(CaseRun.Lane lane, StreamingMode mode) {
    var once = HttpRetryOptions.builder().attempts(1);
    var options = HttpOptions.builder().baseUrl(lane.url()).retryOptions(once).build();
    var client = Client.builder().apiKey("stub").vertexAI(false).httpOptions(options).build();
    var model = Gemini.builder().modelName(lane.model()).apiClient(client).build();
    var tool = FunctionTool.create(AdkCases.class, "weather");
    var runner = new InMemoryRunner(LlmAgent.builder().name("forecaster").model(model).tools(tool).build(), "forecast");
    var session = runner.sessionService().createSession("forecast", USER).blockingGet();
    var question = Content.fromParts(Part.fromText(QUESTION));
    var config = RunConfig.builder().streamingMode(mode).build();
    runner.runAsync(USER, session.id(), question, config).blockingForEach(event -> {});
  }

  private static void askAgainAfterFailure(CaseRun.Lane lane) {
    try {
      ask(lane, StreamingMode.NONE);
    } catch (RuntimeException error) {
      ask(lane, StreamingMode.NONE);
    }
  }
}
