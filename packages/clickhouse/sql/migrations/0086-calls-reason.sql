-- Why entries are posted, with the one that a new edge or split brings.
ALTER TABLE {{db}}.calls {{on_cluster}}
  MODIFY COLUMN reason COMMENT 'Why the entry was posted: settled, late_span, rule_change, attribution, duplicate, operator, refold (a new edge or split)'
