-- Why something is refused, with the sums that no known call explains.
ALTER TABLE {{db}}.quarantine {{on_cluster}}
  MODIFY COLUMN reason COMMENT 'Why: missing_attribution (a call), unbilled_aggregate (a sum whose calls never came), broken_ancestry (a sum that may stand above calls that are billed)'
