"""Traceloop OpenLLMetry on the Google GenAI SDK."""

from opentelemetry.instrumentation.google_generativeai import GoogleGenerativeAiInstrumentor

import gemini_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
GoogleGenerativeAiInstrumentor().instrument()
run(gemini_cases.CASES)
