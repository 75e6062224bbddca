//! `/transactions/recurring/get`: the streams of the last twelve months.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use finance::recurrence::{self, Cadence, Direction, Stream, StreamStatus};
use finance::transaction::Transaction as Movement;
use money::Money;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, with_item};
use super::error::PlaidError;
use super::wire;
use crate::calendar;
use crate::household::{detailed_category, movement, primary_of};
use crate::service::Service;
use crate::world::{movements, pending_id};

#[derive(Debug, Deserialize)]
pub(super) struct Recurring {
    access_token: String,
    account_ids: Option<Vec<String>>,
}

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    call: Call<Recurring>,
) -> Result<Json<Value>, PlaidError> {
    with_item(&service, &call.body.access_token, |_, world, household| {
        let today = world.clock;
        let from = calendar::Cadence::Annual.nth(today, -1);
        let wanted = |id: &String| call.body.account_ids.as_ref().is_none_or(|ids| ids.contains(id));
        let history: Vec<Movement> = movements(world, household)
            .filter(|one| one.date <= today && one.date > from && wanted(&one.account_id))
            .map(|one| {
                let mut movement = movement(one, today);
                if movement.pending {
                    movement.id = pending_id(&movement.id);
                }
                movement
            })
            .collect();
        let (mut inflow, mut outflow) = (Vec::new(), Vec::new());
        for stream in recurrence::detect(&history, today) {
            match stream.direction {
                Direction::Inflow => inflow.push(wire_stream(&stream)?),
                Direction::Outflow => outflow.push(wire_stream(&stream)?),
            }
        }
        Ok(Json(json!({
            "inflow_streams": inflow,
            "outflow_streams": outflow,
            "updated_datetime": format!("{today}T12:00:00Z"),
            "personal_finance_category_version": "v2",
            "request_id": call.request_id,
        })))
    })
}

fn wire_stream(stream: &Stream) -> Result<Value, PlaidError> {
    let outflow = stream.direction == Direction::Outflow;
    let signed = |amount: Money| if outflow { Ok(amount) } else { amount.neg() };
    let wire_amount = |amount: Money| {
        Ok::<Value, money::MoneyError>(json!({
            "amount": wire::amount(signed(amount)?),
            "iso_currency_code": amount.currency,
            "unofficial_currency_code": null,
        }))
    };
    let detailed = detailed_category(stream.category, outflow);
    Ok(json!({
        "account_id": stream.account_id,
        "stream_id": stream.id,
        "category": null,
        "category_id": null,
        "description": stream.merchant,
        "merchant_name": stream.merchant,
        "first_date": stream.first_date,
        "last_date": stream.last_date,
        "predicted_next_date": stream.next_expected,
        "frequency": frequency(stream.cadence),
        "transaction_ids": stream.transaction_ids,
        "average_amount": wire_amount(stream.average)?,
        "last_amount": wire_amount(stream.last)?,
        "is_active": stream.is_active(),
        "status": status(stream.status),
        "personal_finance_category": {
            "primary": primary_of(detailed), "detailed": detailed, "confidence_level": "HIGH",
        },
        "is_user_modified": false,
    }))
}

fn frequency(cadence: Cadence) -> &'static str {
    match cadence {
        Cadence::Weekly => "WEEKLY",
        Cadence::Biweekly => "BIWEEKLY",
        Cadence::SemiMonthly => "SEMI_MONTHLY",
        Cadence::Monthly => "MONTHLY",
        Cadence::Annual => "ANNUALLY",
        Cadence::Quarterly | Cadence::SemiAnnual | Cadence::Unknown => "UNKNOWN",
    }
}

fn status(status: StreamStatus) -> &'static str {
    match status {
        StreamStatus::Mature => "MATURE",
        StreamStatus::EarlyDetection => "EARLY_DETECTION",
        StreamStatus::Tombstoned => "TOMBSTONED",
    }
}
