"""Traceloop OpenLLMetry on the Anthropic SDK."""

from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor

import anthropic_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
AnthropicInstrumentor().instrument()
run(anthropic_cases.CASES)
