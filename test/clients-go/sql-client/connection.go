package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// connection is the jsonData of a ClickHouse data source, with its secret beside it.
type connection struct {
	Host            string `json:"host"`
	Port            int    `json:"port"`
	Protocol        string `json:"protocol"`
	Username        string `json:"username"`
	DefaultDatabase string `json:"defaultDatabase"`
	DialTimeout     string `json:"dialTimeout"`
	QueryTimeout    string `json:"queryTimeout"`
	MaxOpenConns    string `json:"maxOpenConns"`
	MaxIdleConns    string `json:"maxIdleConns"`
	Password        string `json:"password"`
}

// options sets the driver as the data source sets it over HTTP: answers compressed with gzip, a name of its own, and a
// bound on what a query may take.
func (c connection) options() (*clickhouse.Options, error) {
	if c.Protocol != "http" {
		return nil, fmt.Errorf("protocol %q where http was expected", c.Protocol)
	}
	numbers := map[string]int{}
	for name, text := range map[string]string{
		"dialTimeout": c.DialTimeout, "queryTimeout": c.QueryTimeout,
		"maxOpenConns": c.MaxOpenConns, "maxIdleConns": c.MaxIdleConns,
	} {
		number, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		numbers[name] = number
	}
	options := &clickhouse.Options{
		Addr:         []string{fmt.Sprintf("%s:%d", c.Host, c.Port)},
		Auth:         clickhouse.Auth{Database: c.DefaultDatabase, Username: c.Username, Password: c.Password},
		Compression:  &clickhouse.Compression{Method: clickhouse.CompressionGZIP},
		DialTimeout:  time.Duration(numbers["dialTimeout"]) * time.Second,
		ReadTimeout:  time.Duration(numbers["queryTimeout"]) * time.Second,
		MaxOpenConns: numbers["maxOpenConns"],
		MaxIdleConns: numbers["maxIdleConns"],
		Protocol:     clickhouse.HTTP,
		Settings:     clickhouse.Settings{"max_execution_time": numbers["queryTimeout"]},
	}
	options.ClientInfo.Products = append(options.ClientInfo.Products, struct {
		Name    string
		Version string
	}{"grafana", "12.0.0"})
	return options, nil
}
