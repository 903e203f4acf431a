// A client of ClickHouse in Go: the driver alone, and the SQL layer of Grafana's data sources over it. The ClickHouse
// data source itself is no module of the proxy; this is the driver and the layer that it stands on.
//
// It reads one task as a line of JSON from stdin and writes one report as JSON to stdout.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log"
	"os"
)

// task is what one run does: statements through the driver, or queries through a data source.
type task struct {
	Connection connection  `json:"connection"`
	Statements []statement `json:"statements"`
	Queries    []panel     `json:"queries"`
	// Times of the panel's window, in Unix milliseconds.
	FromMs int64 `json:"fromMs"`
	ToMs   int64 `json:"toMs"`
	// StopsWithInput: all that runs is cancelled once stdin ends.
	StopsWithInput bool `json:"stopsWithInput"`
}

func run(input *bufio.Reader) (any, error) {
	line, err := input.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	var given task
	if err := json.Unmarshal(line, &given); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if given.StopsWithInput {
		go func() {
			_, _ = io.Copy(io.Discard, input)
			cancel()
		}()
	}
	if given.Queries != nil {
		return askDataSource(ctx, given)
	}
	return askDriver(ctx, given)
}

func main() {
	report, err := run(bufio.NewReader(os.Stdin))
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		log.Fatal(err)
	}
}
