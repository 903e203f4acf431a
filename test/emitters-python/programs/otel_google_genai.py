"""OpenTelemetry's instrumentation of the Google GenAI SDK."""

from opentelemetry.instrumentation.google_genai import GoogleGenAiSdkInstrumentor

import gemini_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
GoogleGenAiSdkInstrumentor().instrument()
run(gemini_cases.CASES)
