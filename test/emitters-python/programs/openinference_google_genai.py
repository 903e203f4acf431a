"""OpenInference on the Google GenAI SDK."""

from openinference.instrumentation.google_genai import GoogleGenAIInstrumentor

import gemini_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
GoogleGenAIInstrumentor().instrument()
run(gemini_cases.CASES)
