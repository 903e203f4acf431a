"""OpenInference on LangChain."""

from openinference.instrumentation.langchain import LangChainInstrumentor

import langchain_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
LangChainInstrumentor().instrument()
run(langchain_cases.CASES)
