#!/bin/sh
# Starts its arguments with the credentials of the service in the environment: collector.yaml reads variables, not files.
set -eu

read_credential() {
  # An absent one stays unset, so that the configuration that needs it says so.
  if [ -f "$CREDENTIALS_DIRECTORY/$2" ]; then
    value=$(cat "$CREDENTIALS_DIRECTORY/$2")
    export "$1=$value"
  fi
}

read_credential OUTLAY_USER_HASH_KEY user-hash-key
read_credential CLICKHOUSE_PASSWORD clickhouse-password
exec "$@"
