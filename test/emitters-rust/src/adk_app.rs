//! Agents of ADK-Rust in its runner.

use crate::scenario::{Lane, MAX_TOKENS, Outcome, QUESTION, TOOL, Way};
use adk_agent::LlmAgentBuilder;
use adk_core::{Content, Llm, Result, RunConfig, StreamingMode, Tool, ToolContext};
use adk_model::{
    AnthropicClient, GeminiModel, OpenAIClient, RetryConfig,
    anthropic::AnthropicConfig,
    openai::{OpenAIConfig, OpenAIResponsesClient, OpenAIResponsesConfig},
};
use adk_runner::Runner;
use adk_session::{CreateRequest, InMemorySessionService, SessionService};
use async_trait::async_trait;
use futures::StreamExt;
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc};

const APP: &str = "forecasts";
const USER: &str = "stub";

/// It tries again by itself, also after a 500, unless it is told not to.
fn retries_of(lane: &Lane) -> RetryConfig {
    if lane.way() == Way::AskAgainAfterFailure {
        RetryConfig::disabled()
    } else {
        RetryConfig::default()
    }
}

fn model_of(lane: &Lane) -> Result<Arc<dyn Llm>> {
    let (model, retries) = (&lane.model, retries_of(lane));
    Ok(match lane.api() {
        "chat" => {
            let config = OpenAIConfig {
                base_url: Some(lane.openai_url()),
                ..OpenAIConfig::new("stub", model)
            };
            Arc::new(OpenAIClient::new(config)?.with_retry_config(retries))
        }
        "responses" => {
            let config = OpenAIResponsesConfig::new("stub", model).with_base_url(lane.openai_url());
            Arc::new(OpenAIResponsesClient::new(config)?.with_retry_config(retries))
        }
        "messages" => {
            let config = AnthropicConfig::new("stub", model)
                .with_base_url(&lane.url)
                .with_max_tokens(MAX_TOKENS);
            Arc::new(AnthropicClient::new(config)?.with_retry_config(retries))
        }
        _ => {
            let base_url = format!("{}/v1beta/", lane.url);
            Arc::new(
                GeminiModel::new_with_base_url("stub", model, base_url)?.with_retry_config(retries),
            )
        }
    })
}

struct Weather;

#[async_trait]
impl Tool for Weather {
    fn name(&self) -> &str {
        TOOL
    }

    fn description(&self) -> &str {
        "Weather of a city"
    }

    fn parameters_schema(&self) -> Option<Value> {
        Some(json!({ "type": "object", "properties": { "city": { "type": "string" } } }))
    }

    async fn execute(&self, _: Arc<dyn ToolContext>, _: Value) -> Result<Value> {
        Ok(json!({ "sky": "sunny" }))
    }
}

async fn runner_of(lane: &Lane) -> Result<Runner> {
    let mut agent = LlmAgentBuilder::new("forecaster").model(model_of(lane)?);
    if lane.way() == Way::Tools {
        agent = agent.tool(Arc::new(Weather));
    }
    let sessions = Arc::new(InMemorySessionService::new());
    sessions
        .create(CreateRequest {
            app_name: APP.into(),
            user_id: USER.into(),
            session_id: Some(lane.id.clone()),
            state: HashMap::new(),
        })
        .await?;
    let streaming = if lane.way() == Way::Stream {
        StreamingMode::SSE
    } else {
        StreamingMode::None
    };
    Runner::builder()
        .app_name(APP)
        .agent(Arc::new(agent.build()?))
        .session_service(sessions)
        .run_config(RunConfig::builder().streaming_mode(streaming).build())
        .build()
}

async fn ask(runner: &Runner, lane: &Lane) -> Result<()> {
    let question = Content::new("user").with_text(QUESTION);
    let mut events = runner.run_str(USER, &lane.id, question).await?;
    while let Some(event) = events.next().await {
        event?;
    }
    Ok(())
}

pub async fn run_case(lane: Lane) -> Outcome {
    let runner = runner_of(&lane).await?;
    if lane.way() == Way::AskAgainAfterFailure {
        ask(&runner, &lane)
            .await
            .expect_err("the first attempt fails");
    }
    Ok(ask(&runner, &lane).await?)
}
