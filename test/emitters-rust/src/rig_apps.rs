//! Rig: its models alone, and its agents.

use crate::scenario::{Lane, MAX_TOKENS, Outcome, QUESTION, TOOL, Way};
use futures::StreamExt;
use rig_agent::{Agent, AgentBuilder};
use rig_core::{
    DynModel,
    completion::CompletionRequest,
    operation::Completion,
    providers::{anthropic::AnthropicConfig, gemini::GeminiConfig, openai::OpenAIConfig},
    tool::PortableTool,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;

fn openai(lane: &Lane) -> OpenAIConfig {
    OpenAIConfig::new("stub").with_base_url(lane.openai_url())
}

fn model_of(lane: &Lane) -> DynModel<Completion> {
    match lane.api() {
        "chat" => openai(lane).client().chat(&lane.model).into(),
        "responses" => openai(lane).client().responses(&lane.model).into(),
        "messages" => AnthropicConfig::new("stub")
            .with_base_url(&lane.url)
            .client()
            .completion(&lane.model)
            .into(),
        _ => GeminiConfig::new("stub")
            .with_base_url(&lane.url)
            .client()
            .completion(&lane.model)
            .into(),
    }
}

pub async fn call_model(lane: Lane) -> Outcome {
    if lane.api() == "embeddings" {
        let model = openai(&lane).client().embedding(&lane.model, None);
        model
            .call(vec!["Porto".to_owned(), "Lisbon".to_owned()])
            .await?;
        return Ok(());
    }
    let model = model_of(&lane);
    let request = || CompletionRequest::new(QUESTION).max_tokens(u64::from(MAX_TOKENS));
    match lane.way() {
        Way::Stream => {
            let mut stream = model.stream(request())?;
            while let Some(event) = stream.next().await {
                event?;
            }
            stream.finish().await?;
        }
        Way::AskAgainAfterFailure => {
            model
                .call(request())
                .await
                .expect_err("the first attempt fails");
            model.call(request()).await?;
        }
        Way::Ask | Way::Tools => {
            model.call(request()).await?;
        }
    }
    Ok(())
}

/// An app that wants no more of a stream than its texts.
pub async fn read_stream_only(lane: Lane) -> Outcome {
    let mut stream = model_of(&lane).stream(QUESTION)?;
    while let Some(event) = stream.next().await {
        event?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Place {
    city: String,
}

struct Weather;

impl PortableTool for Weather {
    const NAME: &'static str = TOOL;
    type Args = Place;
    type Output = String;
    type Error = Infallible;

    fn description(&self) -> String {
        "Weather of a city".to_owned()
    }

    fn parameters(&self) -> Value {
        json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] })
    }

    async fn call(&self, place: Place) -> Result<String, Infallible> {
        Ok(format!("sunny in {}", place.city))
    }
}

fn agent_of(lane: &Lane) -> Agent {
    let agent = AgentBuilder::new(model_of(lane))
        .name("forecaster")
        .max_tokens(u64::from(MAX_TOKENS));
    if lane.way() == Way::Tools {
        agent.tool(Weather).build()
    } else {
        agent.build()
    }
}

pub async fn run_agent(lane: Lane) -> Outcome {
    let agent = agent_of(&lane);
    let run = || agent.prompt(QUESTION).max_turns(2);
    match lane.way() {
        Way::Stream => {
            let mut stream = run().stream();
            while let Some(item) = stream.next().await {
                item?;
            }
        }
        Way::AskAgainAfterFailure => {
            run().await.expect_err("the first attempt fails");
            run().await?;
        }
        Way::Ask | Way::Tools => {
            run().await?;
        }
    }
    Ok(())
}
