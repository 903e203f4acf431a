import com.openai.client.OpenAIClient;
import com.openai.client.OpenAIClientAsync;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.client.okhttp.OpenAIOkHttpClientAsync;
import com.openai.core.JsonValue;
import com.openai.errors.InternalServerException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.responses.EasyInputMessage;
import com.openai.models.responses.FunctionTool;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseInputItem;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The OpenAI SDK as an app uses it; which instrumentation listens is none of its business. */
final class OpenAiCases {
  private static final String QUESTION = "What is the weather in Porto?";
  private static final String TOOL = "weather";
  private static final Map<String, JsonValue> TOOL_SCHEMA =
      Map.of("type", JsonValue.from("object"), "properties", JsonValue.from(Map.of("city", Map.of("type", "string"))));
  private static final int RETRIES = 1;

  private final UnaryOperator<OpenAIClient> wrap;
  private final UnaryOperator<OpenAIClientAsync> wrapAsync;

  OpenAiCases(UnaryOperator<OpenAIClient> wrap, UnaryOperator<OpenAIClientAsync> wrapAsync) {
    this.wrap = wrap;
    this.wrapAsync = wrapAsync;
  }

  Map<String, CaseRun.Case> all() {
    var cases = new HashMap<String, CaseRun.Case>();
    for (var name : List.of("plain", "cached", "reasoning", "retry")) {
      cases.put("chat." + name, lane -> client(lane, RETRIES).chat().completions().create(chat(lane).build()));
      cases.put("responses." + name, lane -> client(lane, RETRIES).responses().create(response(lane).build()));
    }
    cases.put("chat.stream", this::chatStream);
    cases.put("chat.async", lane -> asyncClient(lane).chat().completions().create(chat(lane).build()).get());
    cases.put("chat.tools", this::chatTools);
    cases.put("chat.failure", this::chatAgainAfterFailure);
    cases.put("responses.stream", this::respondStream);
    cases.put("responses.async", lane -> asyncClient(lane).responses().create(response(lane).build()).get());
    cases.put("responses.tools", this::respondTools);
    cases.put("responses.failure", this::respondAgainAfterFailure);
    cases.put("embeddings.many", this::embed);
    return cases;
  }

  private OpenAIClient client(CaseRun.Lane lane, int retries) {
    return wrap.apply(
        OpenAIOkHttpClient.builder().baseUrl(lane.openAiUrl()).apiKey("stub").maxRetries(retries).build());
  }

  private OpenAIClientAsync asyncClient(CaseRun.Lane lane) {
    return wrapAsync.apply(OpenAIOkHttpClientAsync.builder().baseUrl(lane.openAiUrl()).apiKey("stub").build());
  }

  private static ChatCompletionCreateParams.Builder chat(CaseRun.Lane lane) {
    return ChatCompletionCreateParams.builder().model(lane.model()).addUserMessage(QUESTION);
  }

  private static ResponseCreateParams.Builder response(CaseRun.Lane lane) {
    return ResponseCreateParams.builder().model(lane.model()).input(QUESTION);
  }

  private void chatStream(CaseRun.Lane lane) {
    var options = ChatCompletionStreamOptions.builder().includeUsage(true).build();
    var asked = chat(lane).streamOptions(options).build();
    try (var stream = client(lane, RETRIES).chat().completions().createStreaming(asked)) {
      stream.stream().forEach(chunk -> {});
    }
  }

  private void chatTools(CaseRun.Lane lane) {
    var parameters = FunctionParameters.builder().putAllAdditionalProperties(TOOL_SCHEMA).build();
    var definition = FunctionDefinition.builder().name(TOOL).parameters(parameters).build();
    var client = client(lane, RETRIES);
    var asked = chat(lane).addFunctionTool(definition);
    var message = client.chat().completions().create(asked.build()).choices().get(0).message();
    var call = message.toolCalls().orElseThrow().get(0).asFunction();
    var answered = ChatCompletionToolMessageParam.builder().toolCallId(call.id()).content("sunny").build();
    client.chat().completions().create(asked.addMessage(message).addMessage(answered).build());
  }

  private void chatAgainAfterFailure(CaseRun.Lane lane) {
    var completions = client(lane, 0).chat().completions();
    try {
      completions.create(chat(lane).build());
    } catch (InternalServerException error) {
      completions.create(chat(lane).build());
    }
  }

  private void respondStream(CaseRun.Lane lane) {
    try (var stream = client(lane, RETRIES).responses().createStreaming(response(lane).build())) {
      stream.stream().forEach(event -> {});
    }
  }

  private void respondTools(CaseRun.Lane lane) {
    var parameters = FunctionTool.Parameters.builder().putAllAdditionalProperties(TOOL_SCHEMA).build();
    var tool = FunctionTool.builder().name(TOOL).parameters(parameters).strict(false).build();
    var client = client(lane, RETRIES);
    var call =
        client.responses().create(response(lane).addTool(tool).build()).output().get(0).asFunctionCall();
    var question = EasyInputMessage.builder().role(EasyInputMessage.Role.USER).content(QUESTION).build();
    var output = ResponseInputItem.FunctionCallOutput.builder().callId(call.callId()).output("sunny").build();
    var history =
        List.of(
            ResponseInputItem.ofEasyInputMessage(question),
            ResponseInputItem.ofFunctionCall(call),
            ResponseInputItem.ofFunctionCallOutput(output));
    client.responses().create(response(lane).inputOfResponse(history).addTool(tool).build());
  }

  private void respondAgainAfterFailure(CaseRun.Lane lane) {
    var responses = client(lane, 0).responses();
    try {
      responses.create(response(lane).build());
    } catch (InternalServerException error) {
      responses.create(response(lane).build());
    }
  }

  private void embed(CaseRun.Lane lane) {
    var texts = List.of("one", "two");
    var asked = EmbeddingCreateParams.builder().model(lane.model()).inputOfArrayOfStrings(texts).build();
    client(lane, RETRIES).embeddings().create(asked);
  }
}
