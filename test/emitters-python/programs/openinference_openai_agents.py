"""OpenInference on the OpenAI Agents SDK, and on the OpenAI SDK below it."""

from openinference.instrumentation.openai import OpenAIInstrumentor
from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor

import openai_agents_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
OpenAIAgentsInstrumentor().instrument()
OpenAIInstrumentor().instrument()
run(openai_agents_cases.CASES)
