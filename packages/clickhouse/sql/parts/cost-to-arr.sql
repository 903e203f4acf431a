if(sumIf(tenant_fact.4, tenant_fact.4 > 0) > 0 AND NOT (sumIf(days_charges, tenant_fact.4 > 0) > 0 AND sumIf(days_charges, tenant_fact.4 > 0) = sumIf(days_unpriced, tenant_fact.4 > 0)),
        toFloat64(sumIf(days_cost, tenant_fact.4 > 0)) / 9e15 * 365 / 30 / toFloat64(sumIf(tenant_fact.4, tenant_fact.4 > 0)), NULL)
