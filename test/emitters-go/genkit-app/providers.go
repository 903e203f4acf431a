package main

import (
	"context"
	"os"

	anthropicsdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/firebase/genkit/go/ai"
	"github.com/firebase/genkit/go/genkit"
	"github.com/firebase/genkit/go/plugins/anthropic"
	"github.com/firebase/genkit/go/plugins/compat_oai/openai"
	"github.com/firebase/genkit/go/plugins/googlegenai"
	openaisdk "github.com/openai/openai-go"
	"github.com/openai/openai-go/option"
	"google.golang.org/genai"
	"outlay.dev/emitters-go/scenario"
)

func withOpenAI(ctx context.Context, lane scenario.Lane) *genkit.Genkit {
	plugin := &openai.OpenAI{APIKey: "stub", Opts: []option.RequestOption{option.WithBaseURL(lane.OpenAIURL())}}
	return genkit.Init(ctx, genkit.WithPlugins(plugin))
}

func openAI(ctx context.Context, lane scenario.Lane) (*genkit.Genkit, []ai.GenerateOption) {
	return withOpenAI(ctx, lane), []ai.GenerateOption{ai.WithModelName("openai/" + lane.Model)}
}

// Genkit asks for the usage of a stream only if the app says so.
func openAIStream(ctx context.Context, lane scenario.Lane) (*genkit.Genkit, []ai.GenerateOption) {
	g, options := openAI(ctx, lane)
	if os.Getenv("STREAM_USAGE") == "" {
		return g, options
	}
	usage := openaisdk.ChatCompletionStreamOptionsParam{IncludeUsage: openaisdk.Bool(true)}
	return g, append(options, ai.WithConfig(&openaisdk.ChatCompletionNewParams{StreamOptions: usage}))
}

func embed(ctx context.Context, lane scenario.Lane) error {
	g := withOpenAI(ctx, lane)
	_, err := genkit.Embed(ctx, g, ai.WithEmbedderName("openai/"+lane.Model), ai.WithTextDocs("Porto", "Lisbon"))
	return err
}

func claude(ctx context.Context, lane scenario.Lane) (*genkit.Genkit, []ai.GenerateOption) {
	g := genkit.Init(ctx, genkit.WithPlugins(&anthropic.Anthropic{APIKey: "stub", BaseURL: lane.URL}))
	config := &anthropicsdk.MessageNewParams{MaxTokens: 1024}
	return g, []ai.GenerateOption{ai.WithModelName("anthropic/" + lane.Model), ai.WithConfig(config)}
}

func gemini(ctx context.Context, lane scenario.Lane) (*genkit.Genkit, []ai.GenerateOption) {
	genai.SetDefaultBaseURLs(genai.BaseURLParameters{GeminiURL: lane.URL})
	g := genkit.Init(ctx, genkit.WithPlugins(&googlegenai.GoogleAI{APIKey: "stub"}))
	return g, []ai.GenerateOption{ai.WithModelName("googleai/" + lane.Model)}
}
