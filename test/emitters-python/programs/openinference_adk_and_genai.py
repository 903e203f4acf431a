"""OpenInference on Google ADK, and on the Google GenAI SDK below it."""

from openinference.instrumentation.google_adk import GoogleADKInstrumentor
from openinference.instrumentation.google_genai import GoogleGenAIInstrumentor

import adk_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
GoogleADKInstrumentor().instrument()
GoogleGenAIInstrumentor().instrument()
run(adk_cases.CASES)
