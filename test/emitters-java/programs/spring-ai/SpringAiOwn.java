/** Spring AI's own observations. */
final class SpringAiOwn {
  public static void main(String[] arguments) throws Exception {
    SpringAiApp.runCases(SpringAiApp.start(SpringAiApp.class), (model, lane) -> {});
  }
}
