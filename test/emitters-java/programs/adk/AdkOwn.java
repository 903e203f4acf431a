/** Google ADK's own tracing. */
final class AdkOwn {
  public static void main(String[] arguments) throws Exception {
    var telemetry = OwnSdk.exporting();
    CaseRun.run(telemetry, AdkCases.all(), telemetry::close);
  }
}
