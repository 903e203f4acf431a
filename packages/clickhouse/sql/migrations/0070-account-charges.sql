-- Facts: what a provider bills to the account and no call can carry. The row loaded last holds for its key (provider,
-- period, kind, label, model); an amount of 0 withdraws it. They stand beside totals as lines of their own.
CREATE TABLE IF NOT EXISTS {{db}}.account_charges {{on_cluster}} (
  provider LowCardinality(String) COMMENT 'Who bills, canonical: openai, anthropic, …',
  period Date COMMENT 'The UTC day, or the first day of the month, that the charge is for',
  grain Enum8('day' = 1, 'month' = 2) COMMENT 'What the period is',
  kind Enum8('account' = 1, 'credit' = 2, 'tax' = 3, 'free_allowance' = 4) COMMENT 'account = use or a fee without calls: storage, provisioned capacity, a commitment',
  label String COMMENT 'The words of the provider for it; equal words match its lines, whatever their case',
  amount Decimal(38, 15) COMMENT 'USD; negative for credits and allowances',
  model String DEFAULT '' COMMENT 'Set for a credit or allowance on one model that the provider takes off its lines instead of listing it',
  source String COMMENT 'Where the figure is from: an invoice, a contract',
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was loaded; the latest wins'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (provider, period, kind, label, model, loaded_at)
SETTINGS {{table_settings}}
COMMENT 'Facts loaded by the user: charges to the account that no call can carry'
