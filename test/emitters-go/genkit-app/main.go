// Genkit's own tracing, with its plugins for OpenAI, Anthropic and Gemini.
package main

import (
	"context"

	"github.com/firebase/genkit/go/ai"
	"github.com/firebase/genkit/go/genkit"
	"outlay.dev/emitters-go/scenario"
)

// What the app of one case is made with: its model, under the lane's base URL.
type setup func(ctx context.Context, lane scenario.Lane) (*genkit.Genkit, []ai.GenerateOption)

func ask(ctx context.Context, g *genkit.Genkit, options []ai.GenerateOption) error {
	_, err := genkit.Generate(ctx, g, append(options, ai.WithPrompt(scenario.Question))...)
	return err
}

func plain(with setup) scenario.Case {
	return func(ctx context.Context, lane scenario.Lane) error {
		g, options := with(ctx, lane)
		return ask(ctx, g, options)
	}
}

func stream(with setup) scenario.Case {
	return func(ctx context.Context, lane scenario.Lane) error {
		g, options := with(ctx, lane)
		ignore := func(context.Context, *ai.ModelResponseChunk) error { return nil }
		return ask(ctx, g, append(options, ai.WithStreaming(ignore)))
	}
}

type place struct {
	City string `json:"city"`
}

// Genkit runs the loop itself.
func tools(with setup) scenario.Case {
	return func(ctx context.Context, lane scenario.Lane) error {
		g, options := with(ctx, lane)
		weather := genkit.DefineTool(g, "weather", "Weather of a city",
			func(_ *ai.ToolContext, at place) (string, error) { return "sunny in " + at.City, nil })
		return ask(ctx, g, append(options, ai.WithTools(weather)))
	}
}

func againAfterFailure(with setup) scenario.Case {
	return func(ctx context.Context, lane scenario.Lane) error {
		g, options := with(ctx, lane)
		if ask(ctx, g, options) == nil {
			panic("the first attempt should fail")
		}
		return ask(ctx, g, options)
	}
}

func main() {
	scenario.Run(map[string]scenario.Case{
		"chat.plain":             plain(openAI),
		"chat.stream":            stream(openAIStream),
		"chat.cached":            plain(openAI),
		"chat.reasoning":         plain(openAI),
		"chat.tools":             tools(openAI),
		"chat.retry":             plain(openAI),
		"chat.failure":           againAfterFailure(openAI),
		"embeddings.many":        embed,
		"messages.plain":         plain(claude),
		"messages.stream":        stream(claude),
		"messages.cache_below":   plain(claude),
		"messages.cache_above":   plain(claude),
		"messages.cache_stream":  stream(claude),
		"messages.reasoning":     plain(claude),
		"messages.tools":         tools(claude),
		"messages.retry":         plain(claude),
		"messages.failure":       againAfterFailure(claude),
		"gemini.plain":           plain(gemini),
		"gemini.stream":          stream(gemini),
		"gemini.cached":          plain(gemini),
		"gemini.thoughts":        plain(gemini),
		"gemini.thoughts_stream": stream(gemini),
		"gemini.tool_prompt":     plain(gemini),
		"gemini.audio":           plain(gemini),
		"gemini.tools":           tools(gemini),
		"gemini.failure":         againAfterFailure(gemini),
	})
}
