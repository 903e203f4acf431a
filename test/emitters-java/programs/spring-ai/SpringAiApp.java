import io.micrometer.observation.ObservationRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.util.Map;
import org.springframework.ai.tool.observation.ToolCallingContentObservationFilter;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** An app as Spring Boot sets it up, with the starter for OpenTelemetry. */
@EnableAutoConfiguration
class SpringAiApp {
  static ConfigurableApplicationContext start(Class<?>... configurations) {
    Map<String, Object> settings =
        Map.of(
            "spring.application.name", CaseRun.emitter(),
            "spring.main.banner-mode", "off",
            "management.tracing.sampling.probability", "1.0",
            "management.opentelemetry.tracing.export.otlp.endpoint", CaseRun.tracesUrl(),
            "management.otlp.metrics.export.enabled", "false");
    return new SpringApplicationBuilder(configurations).web(WebApplicationType.NONE).properties(settings).run();
  }

  static void runCases(ConfigurableApplicationContext app, SpringAiCases.ClientChoice clients) throws Exception {
    var cases = new SpringAiCases(app.getBean(ObservationRegistry.class), clients);
    // Closing the app flushes what it exports itself.
    CaseRun.run(app.getBean(OpenTelemetry.class), cases.all(), app::close);
  }

  /** As `spring.ai.tools.observations.include-content`: what tools are given and answer is written onto spans. */
  @Bean
  ToolCallingContentObservationFilter contentOfTools() {
    return new ToolCallingContentObservationFilter();
  }
}
