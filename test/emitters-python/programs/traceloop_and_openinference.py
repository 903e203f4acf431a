"""Traceloop OpenLLMetry and OpenInference on the same SDKs."""

from openinference.instrumentation.anthropic import AnthropicInstrumentor as OpenInferenceAnthropic
from openinference.instrumentation.openai import OpenAIInstrumentor as OpenInferenceOpenAI
from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor as TraceloopAnthropic
from opentelemetry.instrumentation.openai import OpenAIInstrumentor as TraceloopOpenAI

import anthropic_cases
import openai_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
for instrumentor in (TraceloopOpenAI, OpenInferenceOpenAI, TraceloopAnthropic, OpenInferenceAnthropic):
    instrumentor().instrument()
run({**openai_cases.CASES, **anthropic_cases.CASES})
