import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeException;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.Tool;
import software.amazon.awssdk.services.bedrockruntime.model.ToolConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.ToolInputSchema;
import software.amazon.awssdk.services.bedrockruntime.model.ToolSpecification;

/** The AWS SDK on Bedrock as an app uses it; which instrumentation listens is none of its business. */
final class BedrockCases {
  private static final String QUESTION = "What is the weather in Porto?";
  private static final String CLAUDE_BODY =
      """
      {"anthropic_version":"bedrock-2023-05-31","max_tokens":1024,
       "messages":[{"role":"user","content":"What is the weather in Porto?"}]}""";
  private static final String NOVA_BODY =
      """
      {"messages":[{"role":"user","content":[{"text":"What is the weather in Porto?"}]}]}""";

  private static final String COHERE_BODY =
      """
      {"message":"What is the weather in Porto?"}""";
  private static final int ATTEMPTS = 2;

  private BedrockCases() {}

  static Map<String, CaseRun.Case> all() {
    var cases = new HashMap<String, CaseRun.Case>();
    for (var name : List.of("plain", "cached", "retry")) {
      cases.put("converse." + name, lane -> client(lane).converse(question(lane)));
    }
    cases.put("converse.async", lane -> asyncClient(lane).converse(question(lane)).get());
    cases.put("converse.stream", BedrockCases::converseStream);
    cases.put("converse.tools", BedrockCases::converseTools);
    cases.put("converse.failure", BedrockCases::converseAgainAfterFailure);
    for (var name : List.of("plain", "cache_below", "cache_above")) {
      cases.put("invoke_claude." + name, lane -> invoke(lane, CLAUDE_BODY));
    }
    cases.put("invoke_claude.cache_stream", lane -> invokeStream(lane, CLAUDE_BODY));
    cases.put("invoke_claude.built_stream", BedrockCases::invokeBuiltStream);
    cases.put("invoke_nova.plain", lane -> invoke(lane, NOVA_BODY));
    cases.put("invoke_nova.stream", lane -> invokeStream(lane, NOVA_BODY));
    cases.put("invoke_cohere.plain", lane -> invoke(lane, COHERE_BODY));
    return cases;
  }

  private static <B extends AwsClientBuilder<B, C>, C> C at(B builder, CaseRun.Lane lane, int attempts) {
    var strategy = AwsRetryStrategy.standardRetryStrategy().toBuilder().maxAttempts(attempts).build();
    return builder
        .endpointOverride(URI.create(lane.url()))
        .region(Region.US_EAST_1)
        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("stub", "stub")))
        .overrideConfiguration(settings -> settings.retryStrategy(strategy))
        .build();
  }

  private static BedrockRuntimeClient client(CaseRun.Lane lane) {
    return at(BedrockRuntimeClient.builder(), lane, ATTEMPTS);
  }

  private static BedrockRuntimeAsyncClient asyncClient(CaseRun.Lane lane) {
    // Bedrock speaks HTTP/2 to it by default, and the stub provider does not.
    var http = NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1);
    return at(BedrockRuntimeAsyncClient.builder().httpClientBuilder(http), lane, ATTEMPTS);
  }

  private static Message said(ConversationRole role, ContentBlock... content) {
    return Message.builder().role(role).content(content).build();
  }

  private static Message asked() {
    return said(ConversationRole.USER, ContentBlock.fromText(QUESTION));
  }

  private static ConverseRequest question(CaseRun.Lane lane) {
    return ConverseRequest.builder().modelId(lane.model()).messages(asked()).build();
  }

  private static void converseStream(CaseRun.Lane lane) throws Exception {
    var handler = ConverseStreamResponseHandler.builder().subscriber(event -> {}).build();
    asyncClient(lane).converseStream(request -> request.modelId(lane.model()).messages(asked()), handler).get();
  }

  private static void converseTools(CaseRun.Lane lane) {
    var schema = Document.mapBuilder().putString("type", "object").build();
    var weather = ToolSpecification.builder().name("weather").inputSchema(ToolInputSchema.fromJson(schema)).build();
    var tools = ToolConfiguration.builder().tools(Tool.fromToolSpec(weather)).build();
    var client = client(lane);
    var first = client.converse(question(lane).toBuilder().toolConfig(tools).build()).output().message();
    var call = first.content().get(0).toolUse();
    var result =
        ContentBlock.fromToolResult(
            answered -> answered.toolUseId(call.toolUseId()).content(content -> content.text("sunny")));
    var history = List.of(asked(), first, said(ConversationRole.USER, result));
    client.converse(request -> request.modelId(lane.model()).messages(history).toolConfig(tools));
  }

  private static void converseAgainAfterFailure(CaseRun.Lane lane) {
    var client = at(BedrockRuntimeClient.builder(), lane, 1);
    try {
      client.converse(question(lane));
    } catch (BedrockRuntimeException error) {
      client.converse(question(lane));
    }
  }

  private static void invoke(CaseRun.Lane lane, String body) {
    client(lane).invokeModel(request -> request.modelId(lane.model()).body(SdkBytes.fromUtf8String(body)));
  }

  private static void invokeStream(CaseRun.Lane lane, String body) throws Exception {
    var asked =
        InvokeModelWithResponseStreamRequest.builder()
            .modelId(lane.model())
            .body(SdkBytes.fromUtf8String(body))
            .build();
    asyncClient(lane).invokeModelWithResponseStream(asked, whatever()).get();
  }

  private static void invokeBuiltStream(CaseRun.Lane lane) throws Exception {
    var body = SdkBytes.fromUtf8String(CLAUDE_BODY);
    asyncClient(lane).invokeModelWithResponseStream(asked -> asked.modelId(lane.model()).body(body), whatever()).get();
  }

  private static InvokeModelWithResponseStreamResponseHandler whatever() {
    return InvokeModelWithResponseStreamResponseHandler.builder().subscriber(event -> {}).build();
  }
}
