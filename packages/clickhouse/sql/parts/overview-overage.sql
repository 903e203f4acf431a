-- KPI 5 on the overview: what kpi_overage_rate says of free tiers, without days and conversions.
WITH
  {{month}},
  toDate(month_from) AS days_from,
{{part:tier-facts}},
{{part:overage-subjects}},
  rates AS (
    SELECT countIf(is_subject AND pattern = 'hard_cap' AND subject_calls > 0) AS hard_subjects, countIf(is_subject AND pattern = 'hard_cap' AND subject_calls > 0 AND overage_calls > 0) AS hard_over,
      sumIf(subject_charges, is_subject) AS charges, sumIf(subject_unpriced, is_subject) AS unpriced_calls
    FROM subjects
  )
SELECT if(hard_subjects = 0, NULL, hard_over / hard_subjects) AS free_rate, {{band:overage.hard_cap:free_rate}} AS free_rate_band,
  toUInt64(unpriced_calls) AS unpriced_calls, if(charges = 0, NULL, 1 - unpriced_calls / charges) AS priced_share
FROM rates
