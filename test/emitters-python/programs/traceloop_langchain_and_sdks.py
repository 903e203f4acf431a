"""Traceloop OpenLLMetry on LangChain and on the SDKs below it."""

from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
from opentelemetry.instrumentation.langchain import LangchainInstrumentor
from opentelemetry.instrumentation.openai import OpenAIInstrumentor

import langchain_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
for instrumentor in (LangchainInstrumentor, OpenAIInstrumentor, AnthropicInstrumentor):
    instrumentor().instrument()
run(langchain_cases.CASES)
