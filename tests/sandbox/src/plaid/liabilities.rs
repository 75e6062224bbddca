//! `/liabilities/get`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::accounts::OfAccounts;
use super::call::{Call, with_item};
use super::error::PlaidError;
use super::wire;
use crate::household::{Liability, LiabilityKind};
use crate::service::Service;

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    call: Call<OfAccounts>,
) -> Result<Json<Value>, PlaidError> {
    with_item(&service, &call.body.access_token, |item, world, household| {
        if household.liabilities.is_empty() {
            return Err(PlaidError::unsupported("liabilities"));
        }
        let ids = call.body.options.account_ids.as_deref();
        let accounts = wire::accounts(world, household, ids)?;
        let of_kind = |kind: LiabilityKind, wire: fn(&Liability) -> Value| {
            let wanted = |one: &&Liability| ids.is_none_or(|ids| ids.contains(&one.account_id));
            let found: Vec<Value> = household
                .liabilities
                .iter()
                .filter(|one| one.kind == kind)
                .filter(wanted)
                .map(wire)
                .collect();
            if found.is_empty() { Value::Null } else { Value::Array(found) }
        };
        Ok(Json(json!({
            "accounts": accounts,
            "item": wire::item(item, household),
            "liabilities": {
                "credit": of_kind(LiabilityKind::Credit, card),
                "student": of_kind(LiabilityKind::Student, student_loan),
                "mortgage": of_kind(LiabilityKind::Mortgage, mortgage),
            },
            "request_id": call.request_id,
        })))
    })
}

fn card(one: &Liability) -> Value {
    let rates: [(&str, Option<Decimal>); 3] = [
        ("purchase_apr", Some(one.apr)),
        ("cash_apr", one.cash_apr),
        ("balance_transfer_apr", one.balance_transfer_apr),
    ];
    let aprs: Vec<Value> = rates
        .into_iter()
        .filter_map(|(kind, rate)| {
            Some(json!({
                "apr_percentage": wire::number(rate?), "apr_type": kind, "balance_subject_to_apr": null,
                "interest_charge_amount": null,
            }))
        })
        .collect();
    json!({
        "account_id": one.account_id,
        "aprs": aprs,
        "is_overdue": one.overdue,
        "last_payment_amount": wire::amount_or_null(one.last_payment),
        "last_payment_date": null,
        "last_statement_issue_date": null,
        "last_statement_balance": null,
        "minimum_payment_amount": wire::amount(one.minimum),
        "next_payment_due_date": one.next_due_on,
    })
}

fn student_loan(one: &Liability) -> Value {
    json!({
        "account_id": one.account_id, "account_number": null, "disbursement_dates": null,
        "expected_payoff_date": null, "guarantor": null, "interest_rate_percentage": wire::number(one.apr),
        "is_overdue": one.overdue, "last_payment_amount": wire::amount_or_null(one.last_payment),
        "last_payment_date": null, "last_statement_issue_date": null, "loan_name": null,
        "loan_status": {"end_date": null, "type": "repayment"},
        "minimum_payment_amount": wire::amount(one.minimum), "next_payment_due_date": one.next_due_on,
        "origination_date": null, "origination_principal_amount": null, "outstanding_interest_amount": null,
        "payment_reference_number": null,
        "pslf_status": {"estimated_eligibility_date": null, "payments_made": null, "payments_remaining": null},
        "repayment_plan": {"description": null, "type": "standard"}, "sequence_number": null,
        "servicer_address": {
            "city": null, "region": null, "street": null, "postal_code": null, "country": null,
        },
        "ytd_interest_paid": null, "ytd_principal_paid": null,
    })
}

fn mortgage(one: &Liability) -> Value {
    json!({
        "account_id": one.account_id, "account_number": null, "current_late_fee": null,
        "escrow_balance": null, "has_pmi": null, "has_prepayment_penalty": null,
        "interest_rate": {"percentage": wire::number(one.apr), "type": "fixed"},
        "last_payment_amount": wire::amount_or_null(one.last_payment), "last_payment_date": null,
        "loan_type_description": null, "loan_term": null, "maturity_date": null,
        "next_monthly_payment": wire::amount(one.minimum), "next_payment_due_date": one.next_due_on,
        "origination_date": null, "origination_principal_amount": null, "past_due_amount": null,
        "property_address": {
            "city": null, "region": null, "street": null, "postal_code": null, "country": null,
        },
        "ytd_interest_paid": null, "ytd_principal_paid": null,
    })
}
