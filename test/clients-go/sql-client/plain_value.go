package main

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	wrapper    = regexp.MustCompile(`^(?:Nullable|LowCardinality|Array|SimpleAggregateFunction)\((?:\w+, )?(.*)\)$`)
	dateTime64 = regexp.MustCompile(`^DateTime64\((\d)`)
)

// element is the type inside of all that wraps it.
func element(typeName string) string {
	for {
		inner := wrapper.FindStringSubmatch(typeName)
		if inner == nil {
			return typeName
		}
		typeName = inner[1]
	}
}

func timeText(at time.Time, typeName string) (string, error) {
	typeName = element(typeName)
	if typeName == "Date" {
		return at.UTC().Format(time.DateOnly), nil
	}
	if digits := dateTime64.FindStringSubmatch(typeName); digits != nil {
		places, err := strconv.Atoi(digits[1])
		return at.UTC().Format("2006-01-02 15:04:05." + strings.Repeat("0", places)), err
	}
	if strings.HasPrefix(typeName, "DateTime") {
		return at.UTC().Format(time.DateTime), nil
	}
	return "", fmt.Errorf("a time in a column of type %s", typeName)
}

// plainValue writes a value of the driver as ClickHouse writes it in JSON with 64-bit numbers and decimals in quotes;
// a FixedString, which need not be text, as hex().
func plainValue(value reflect.Value, typeName string) (any, error) {
	for value.Kind() == reflect.Pointer || value.Kind() == reflect.Interface {
		if value.IsNil() {
			return nil, nil
		}
		value = value.Elem()
	}
	switch known := value.Interface().(type) {
	case time.Time:
		return timeText(known, typeName)
	case big.Int:
		return known.String(), nil
	case fmt.Stringer:
		return known.String(), nil
	}
	switch value.Kind() {
	case reflect.String:
		if strings.HasPrefix(element(typeName), "FixedString") {
			return strings.ToUpper(hex.EncodeToString([]byte(value.String()))), nil
		}
		return value.String(), nil
	case reflect.Bool, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return value.Interface(), nil
	case reflect.Int64, reflect.Int, reflect.Uint64:
		return fmt.Sprint(value.Interface()), nil
	case reflect.Float32, reflect.Float64:
		// JSON has no word for these; ClickHouse writes null.
		if math.IsNaN(value.Float()) || math.IsInf(value.Float(), 0) {
			return nil, nil
		}
		return value.Interface(), nil
	case reflect.Slice, reflect.Array:
		return plainList(value, typeName)
	case reflect.Map:
		return plainMap(value, typeName)
	}
	return nil, fmt.Errorf("%s in a column of type %s", value.Type(), typeName)
}

func plainList(value reflect.Value, typeName string) (any, error) {
	list := make([]any, value.Len())
	for i := range list {
		var err error
		if list[i], err = plainValue(value.Index(i), typeName); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func plainMap(value reflect.Value, typeName string) (any, error) {
	entries := map[string]any{}
	for _, key := range value.MapKeys() {
		plain, err := plainValue(value.MapIndex(key), typeName)
		if err != nil {
			return nil, err
		}
		entries[fmt.Sprint(key.Interface())] = plain
	}
	return entries, nil
}
