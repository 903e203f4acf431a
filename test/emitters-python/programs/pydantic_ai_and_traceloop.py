"""Pydantic AI's own instrumentation, and Traceloop OpenLLMetry on the SDKs below it."""

from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
from opentelemetry.instrumentation.openai import OpenAIInstrumentor
from pydantic_ai import Agent

import pydantic_ai_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
OpenAIInstrumentor().instrument()
AnthropicInstrumentor().instrument()
Agent.instrument_all()
run({**pydantic_ai_cases.OPENAI_CASES, **pydantic_ai_cases.ANTHROPIC_CASES})
