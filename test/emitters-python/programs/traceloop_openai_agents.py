"""Traceloop OpenLLMetry on the OpenAI Agents SDK."""

from opentelemetry.instrumentation.openai_agents import OpenAIAgentsInstrumentor

import openai_agents_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
OpenAIAgentsInstrumentor().instrument()
run(openai_agents_cases.CASES)
