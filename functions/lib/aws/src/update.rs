//! A write as an update expression.

use crate::item::{DUE, WRITE_ID, due_at};
use crate::packed::{PLAIN, pack};
use crate::store::{Item, Table, key, text};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use engine::Out;
use events::RunId;
use ports::{Guard, Key, PortError, Record, Write};
use serde::Serialize;

/// The most that a record and its events may take in bytes: an item of 400 KiB, less its key, counters and names.
const LARGEST: usize = 400 * 1024 - 4096;

/// Holds unless this very write has happened: a request that is repeated because its answer was lost changes nothing.
const NOT_YET: &str = "(attribute_not_exists(write_id) OR write_id <> :write_id)";

/// An update of one item.
pub(crate) struct Change {
    key: Item,
    expression: String,
    condition: String,
    values: Item,
}

impl Change {
    /// What a write does: body, revision and due time become as told, and its events replace those of the write before.
    pub(crate) fn write(write: &Write, write_id: &str) -> Result<Self, PortError> {
        let id = write.record.key();
        let mut change = Self::new(&id, write_id);
        change.set("body = :body", ":body", long(json(&write.record, &id)?));
        change.set("rev = if_not_exists(rev, :zero) + :one", ":zero", number(0));
        change.value(":one", number(1));
        if let Record::Run(run) = &write.record {
            change.set("epoch = :epoch", ":epoch", number(run.epoch.into()));
        }
        if let Some(at) = write.record.expires() {
            change.set(
                "expires_at = :expires_at",
                ":expires_at",
                AttributeValue::N(at.as_second().to_string()),
            );
        }
        let mut removed = Vec::new();
        match write.record.due() {
            Some(at) => {
                change.set("due_pk = :due_pk", ":due_pk", text(DUE));
                change.set("due_at = :due_at", ":due_at", text(due_at(at)));
            }
            None => removed.extend(["due_pk", "due_at"]),
        }
        if write.out.is_empty() {
            removed.extend(["#out", "outbox"]);
        } else {
            change.tell(&write.out, &id)?;
        }
        if !removed.is_empty() {
            change.expression.push_str(" REMOVE ");
            change.expression.push_str(&removed.join(", "));
        }
        change.count(write.out.len());
        change.condition = match write.guard {
            Guard::Absent => "attribute_not_exists(pk)".to_owned(),
            Guard::Rev(rev) => {
                change.value(":rev", number(rev));
                "rev = :rev".to_owned()
            }
            Guard::Any => NOT_YET.to_owned(),
        };
        if change.length() > LARGEST {
            return Err(PortError::TooLarge { key: format!("{} {}", id.pk(), id.sk()) });
        }
        Ok(change)
    }

    /// Bytes of the record and its events.
    fn length(&self) -> usize {
        let values = [":body", ":out"].into_iter().filter_map(|name| self.values.get(name));
        values
            .map(|it| it.as_b().map_or_else(|_| it.as_s().map_or(0, String::len), |it| it.as_ref().len()))
            .sum()
    }

    /// Adds one event to a run that is in this epoch; its record and revision stay.
    pub(crate) fn report(run: &RunId, epoch: u32, out: &Out, write_id: &str) -> Result<Self, PortError> {
        let id = Key::Run(run.clone());
        let mut change = Self::new(&id, write_id);
        change.tell(std::slice::from_ref(out), &id)?;
        change.count(1);
        change.value(":epoch", number(epoch.into()));
        change.condition = format!("epoch = :epoch AND {NOT_YET}");
        Ok(change)
    }

    fn new(id: &Key, write_id: &str) -> Self {
        let mut change = Self {
            key: key(id.pk(), id.sk()),
            expression: format!("SET {WRITE_ID} = :write_id"),
            condition: String::new(),
            values: Item::new(),
        };
        change.value(":write_id", text(write_id));
        change
    }

    fn value(&mut self, name: &str, value: AttributeValue) {
        self.values.insert(name.to_owned(), value);
    }

    fn set(&mut self, assignment: &str, name: &str, value: AttributeValue) {
        self.expression.push_str(", ");
        self.expression.push_str(assignment);
        self.value(name, value);
    }

    /// `out` is one of DynamoDB's reserved words, so expressions say `#out`.
    fn tell(&mut self, out: &[Out], id: &Key) -> Result<(), PortError> {
        self.set("#out = :out", ":out", long(json(out, id)?));
        self.set("outbox = :outbox", ":outbox", number(count(out.len())));
        Ok(())
    }

    /// Gives the events their numbers. The last clause of the expression.
    fn count(&mut self, events: usize) {
        self.expression.push_str(" ADD seq :events");
        self.value(":events", number(count(events)));
    }

    /// As a request of its own. When the condition fails, the answer has the item as it is.
    pub(crate) fn request(&self, table: &Table) -> UpdateItemFluentBuilder {
        let client: &Client = table.client();
        client
            .update_item()
            .table_name(&table.name)
            .set_key(Some(self.key.clone()))
            .update_expression(&self.expression)
            .condition_expression(&self.condition)
            .expression_attribute_names("#out", crate::item::OUT)
            .set_expression_attribute_values(Some(self.values.clone()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// As a part of a transaction.
    pub(crate) fn part(self, table: &Table) -> Result<TransactWriteItem, PortError> {
        let update = Update::builder()
            .table_name(&table.name)
            .set_key(Some(self.key))
            .update_expression(self.expression)
            .condition_expression(self.condition)
            .expression_attribute_names("#out", crate::item::OUT)
            .set_expression_attribute_values(Some(self.values))
            .build()
            .map_err(|error| PortError::Unavailable { operation: "commit", reason: error.to_string() })?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// The text of something that is written. It fails on no type of ours.
fn json(value: &(impl Serialize + ?Sized), id: &Key) -> Result<String, PortError> {
    serde_json::to_string(value)
        .map_err(|_| PortError::Unreadable { key: format!("{} {}", id.pk(), id.sk()) })
}

/// A text as it is, or packed where it is long.
fn long(value: String) -> AttributeValue {
    if value.len() > PLAIN { AttributeValue::B(Blob::new(pack(&value))) } else { text(value) }
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn count(length: usize) -> u64 {
    length as u64
}
