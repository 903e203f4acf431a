"""OpenTelemetry's instrumentation of the OpenAI SDK in the GenAI repository."""

from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor

import openai_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
OpenAIInstrumentor().instrument()
run(openai_cases.CASES)
