import com.anthropic.models.messages.Model;
import io.micrometer.observation.ObservationRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.OpenAiEmbeddingModel;
import org.springframework.ai.openai.OpenAiEmbeddingOptions;
import org.springframework.ai.tool.annotation.Tool;

/** Spring AI's chat client and models as an app uses them; which instrumentation listens is none of its business. */
final class SpringAiCases {
  private static final String QUESTION = "What is the weather in Porto?";
  private static final String CONVERSATION = "small talk";
  private static final int TOKENS_MAX = 1024;
  private static final int RETRIES = 1;

  /** How a model comes to its client: apps may bring their own. */
  @FunctionalInterface
  interface ClientChoice {
    void choose(OpenAiChatModel.Builder model, CaseRun.Lane lane);
  }

  static final class Weather {
    @Tool(description = "Weather of a city")
    public String weather(String city) {
      return "sunny in " + city;
    }
  }

  private final ObservationRegistry observations;
  private final ClientChoice clients;

  SpringAiCases(ObservationRegistry observations, ClientChoice clients) {
    this.observations = observations;
    this.clients = clients;
  }

  Map<String, CaseRun.Case> all() {
    var cases = new HashMap<String, CaseRun.Case>();
    for (var name : List.of("plain", "cached", "reasoning", "retry")) {
      cases.put("chat." + name, lane -> ask(openAi(lane, RETRIES)));
    }
    cases.put("chat.stream", lane -> askStream(openAi(lane, RETRIES)));
    cases.put("chat.tools", lane -> askTools(openAi(lane, RETRIES)));
    cases.put("chat.failure", lane -> askAgainAfterFailure(openAi(lane, 0)));
    for (var name : List.of("plain", "cache_below", "cache_above", "reasoning", "retry")) {
      cases.put("messages." + name, lane -> ask(anthropic(lane, RETRIES)));
    }
    for (var name : List.of("stream", "cache_stream")) {
      cases.put("messages." + name, lane -> askStream(anthropic(lane, RETRIES)));
    }
    cases.put("messages.tools", lane -> askTools(anthropic(lane, RETRIES)));
    cases.put("messages.failure", lane -> askAgainAfterFailure(anthropic(lane, 0)));
    cases.put("embeddings.many", this::embed);
    return cases;
  }

  private OpenAiChatModel openAi(CaseRun.Lane lane, int retries) {
    var options =
        OpenAiChatOptions.builder()
            .model(lane.model())
            .baseUrl(lane.openAiUrl())
            .apiKey("stub")
            .maxRetries(retries)
            .streamUsage(true)
            .build();
    var model = OpenAiChatModel.builder().options(options).observationRegistry(observations);
    clients.choose(model, lane);
    return model.build();
  }

  private AnthropicChatModel anthropic(CaseRun.Lane lane, int retries) {
    var options =
        AnthropicChatOptions.builder()
            .model(Model.of(lane.model()))
            .baseUrl(lane.url())
            .apiKey("stub")
            .maxRetries(retries)
            .maxTokens(TOKENS_MAX)
            .build();
    return AnthropicChatModel.builder().options(options).observationRegistry(observations).build();
  }

  private ChatClient client(ChatModel model) {
    return ChatClient.create(model, observations);
  }

  private void ask(ChatModel model) {
    client(model)
        .prompt(QUESTION)
        .advisors(known -> known.param(ChatMemory.CONVERSATION_ID, CONVERSATION))
        .call()
        .content();
  }

  private void askStream(ChatModel model) {
    client(model).prompt(QUESTION).stream().content().blockLast();
  }

  private void askTools(ChatModel model) {
    client(model).prompt(QUESTION).tools(new Weather()).call().content();
  }

  private void askAgainAfterFailure(ChatModel model) {
    try {
      ask(model);
    } catch (RuntimeException error) {
      ask(model);
    }
  }

  private void embed(CaseRun.Lane lane) {
    var options =
        OpenAiEmbeddingOptions.builder().model(lane.model()).baseUrl(lane.openAiUrl()).apiKey("stub").build();
    OpenAiEmbeddingModel.builder()
        .options((OpenAiEmbeddingOptions) options)
        .observationRegistry(observations)
        .build()
        .embed(List.of("one", "two"));
  }
}
