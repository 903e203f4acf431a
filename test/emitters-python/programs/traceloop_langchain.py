"""Traceloop OpenLLMetry on LangChain."""

from opentelemetry.instrumentation.langchain import LangchainInstrumentor

import langchain_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
LangchainInstrumentor().instrument()
run(langchain_cases.CASES)
