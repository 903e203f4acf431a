"""Google ADK's own tracing, and OpenInference on the Google GenAI SDK below it."""

from openinference.instrumentation.google_genai import GoogleGenAIInstrumentor

import adk_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
GoogleGenAIInstrumentor().instrument()
run(adk_cases.CASES)
