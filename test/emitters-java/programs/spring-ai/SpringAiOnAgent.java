import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.client.okhttp.OpenAIOkHttpClientAsync;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.context.annotation.Bean;

/**
 * Spring AI's own observations through the OpenTelemetry of the Java agent, which also instruments the OpenAI SDK
 * below: not the client that Spring AI makes, but one that the app makes for it.
 */
class SpringAiOnAgent {
  public static void main(String[] arguments) throws Exception {
    SpringAiApp.runCases(SpringAiApp.start(SpringAiApp.class, SpringAiOnAgent.class), SpringAiOnAgent::chooseClient);
  }

  private static void chooseClient(OpenAiChatModel.Builder model, CaseRun.Lane lane) {
    var client = OpenAIOkHttpClient.builder().baseUrl(lane.openAiUrl()).apiKey("stub");
    var async = OpenAIOkHttpClientAsync.builder().baseUrl(lane.openAiUrl()).apiKey("stub");
    model.openAiClient(client.build()).openAiClientAsync(async.build());
  }

  @Bean
  OpenTelemetry agent() {
    return GlobalOpenTelemetry.get();
  }
}
