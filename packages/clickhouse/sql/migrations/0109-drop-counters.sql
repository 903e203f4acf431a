-- The counters of the first shape: all meters wide, without turn, model and layers. They are summed again from the ledger,
-- which is what they were made of. No collector may run meanwhile: `outlay up` migrates before it starts one.
-- only after: 0010-task-counters
DROP TABLE IF EXISTS {{db}}.task_counters_mv, {{db}}.task_counters, {{db}}.user_counters_mv, {{db}}.user_counters, {{db}}.tenant_counters_mv, {{db}}.tenant_counters, {{db}}.budget_counters_mv, {{db}}.budget_counters, {{db}}.overage_counters_mv, {{db}}.overage_counters, {{db}}.degradation_counters_mv, {{db}}.degradation_counters, {{db}}.feature_counters_mv, {{db}}.feature_counters, {{db}}.product_counters_mv, {{db}}.product_counters {{on_cluster}} SYNC
