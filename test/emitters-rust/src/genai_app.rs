//! genai, with its feature `otel`.

use crate::scenario::{Lane, MAX_TOKENS, Outcome, QUESTION, TOOL, Way};
use futures::StreamExt;
use genai::{
    Client, ModelIden, ServiceTarget,
    adapter::AdapterKind,
    chat::{ChatMessage, ChatOptions, ChatRequest, Tool, ToolResponse},
    resolver::{AuthData, Endpoint},
};
use serde_json::json;

fn target_of(lane: &Lane) -> ServiceTarget {
    let (adapter, version) = match lane.api() {
        "responses" => (AdapterKind::OpenAIResp, "v1"),
        "messages" => (AdapterKind::Anthropic, "v1"),
        "gemini" => (AdapterKind::Gemini, "v1beta"),
        _ => (AdapterKind::OpenAI, "v1"),
    };
    ServiceTarget {
        endpoint: Endpoint::from_owned(format!("{}/{version}/", lane.url)),
        auth: AuthData::from_single("stub"),
        model: ModelIden::new(adapter, lane.model.as_str()),
    }
}

/// Neither asked for usage nor told to keep it.
pub async fn stream_as_it_comes(lane: Lane) -> Outcome {
    let request = ChatRequest::from_user(QUESTION);
    let mut answer = Client::new()?
        .exec_chat_stream(target_of(&lane), request, None)
        .await?;
    while let Some(event) = answer.stream.next().await {
        event?;
    }
    Ok(())
}

pub async fn run_case(lane: Lane) -> Outcome {
    let client = Client::new()?;
    let target = target_of(&lane);
    if lane.api() == "embeddings" {
        client
            .embed_batch(target, vec!["Porto".to_owned(), "Lisbon".to_owned()], None)
            .await?;
        return Ok(());
    }
    // Usage of a stream is read only if the app wants it.
    let options = ChatOptions::default()
        .with_max_tokens(MAX_TOKENS)
        .with_capture_usage(true);
    let request = ChatRequest::from_user(QUESTION);
    let ask = || client.exec_chat(target.clone(), request.clone(), Some(&options));
    match lane.way() {
        Way::Stream => {
            let mut answer = client
                .exec_chat_stream(target, request, Some(&options))
                .await?;
            while let Some(event) = answer.stream.next().await {
                event?;
            }
        }
        Way::AskAgainAfterFailure => {
            ask().await.err().ok_or("the first attempt fails")?;
            ask().await?;
        }
        Way::Tools => {
            let weather = Tool::new(TOOL)
                .with_description("Weather of a city")
                .with_schema(
                    json!({ "type": "object", "properties": { "city": { "type": "string" } } }),
                );
            let request = request.with_tools(vec![weather]);
            let asked = client
                .exec_chat(target.clone(), request.clone(), Some(&options))
                .await?;
            let calls = asked.into_tool_calls();
            let id = calls.first().ok_or("no call of a tool")?.call_id.clone();
            let answered = request
                .append_message(ChatMessage::from(calls))
                .append_message(ToolResponse::new(id, "sunny"));
            client.exec_chat(target, answered, Some(&options)).await?;
        }
        Way::Ask => {
            ask().await?;
        }
    }
    Ok(())
}
