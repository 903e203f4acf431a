"""OpenTelemetry's first instrumentation of the OpenAI SDK."""

from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor

import openai_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
OpenAIInstrumentor().instrument()
run(openai_cases.CASES)
