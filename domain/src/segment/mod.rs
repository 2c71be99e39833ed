//! Segment's HTTP calls, validated into [`Event`]s (spec: segment.com/docs/connections/spec, e-commerce events v2).
//!
//! Nothing is guessed: a field that cannot be read refuses the call and is named. Nothing here asks where a call came
//! from, and the same call at the same instant is always the same event.

mod action;
mod digest;
mod fields;
mod instant;
mod product;
#[cfg(test)]
mod tests;

use crate::event::{Event, Who};
use crate::ids::StoreId;
use crate::money::Currency;
use chrono::{DateTime, Utc};
use fields::{Fault, Fields, Place};
use serde::{Deserialize, Serialize};

pub use product::{MAX_QUANTITY, department_of};

/// The longest `messageId` that a [`Rejection`] repeats, in characters.
const MAX_REPEATED_CHARS: usize = 128;

/// What a call needs beside its own body to become an event.
#[derive(Debug, Clone, Copy)]
pub struct Reception {
    /// When the request arrived.
    pub received_at: DateTime<Utc>,
    /// The batch's `sentAt`, where the batch has one; a call's own wins.
    pub sent_at: Option<DateTime<Utc>>,
    /// What prices are in where a call does not say.
    pub currency: Currency,
}

impl Reception {
    /// Reads the `sentAt` of a batch; one that cannot be read is as good as none.
    #[must_use]
    pub fn with_sent_at(self, sent_at: Option<&serde_json::Value>) -> Self {
        Self {
            sent_at: sent_at.and_then(instant::read),
            ..self
        }
    }
}

/// A call that is not an event, and why. Kept, never dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rejection {
    /// The sender's id, where it had a readable one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The field at fault, as a JSON pointer: `/properties/price`.
    pub field: String,
    /// Why, for people.
    pub reason: String,
}

/// The kind of a call: its `type`, or the path that it was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// `/v1/track`, `/v1/t`.
    Track,
    /// `/v1/page`, `/v1/p`.
    Page,
    /// `/v1/screen`, `/v1/s`.
    Screen,
    /// `/v1/identify`, `/v1/i`.
    Identify,
    /// `/v1/group`, `/v1/g`.
    Group,
    /// `/v1/alias`, `/v1/a`.
    Alias,
}

impl CallKind {
    /// Reads a call's `type`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "track" => Self::Track,
            "page" => Self::Page,
            "screen" => Self::Screen,
            "identify" => Self::Identify,
            "group" => Self::Group,
            "alias" => Self::Alias,
            _ => return None,
        })
    }
}

/// Validates one call. `kind` is the path's; `None` in a batch, where each call has a `type`.
pub fn decode(
    kind: Option<CallKind>,
    call: &serde_json::Value,
    reception: Reception,
) -> Result<Event, Rejection> {
    let fields = Fields::of(call, Place::Call);
    let event = match fields {
        Ok(fields) => read(kind, fields, reception),
        Err(fault) => Err(fault),
    };
    event.map_err(|fault| Rejection {
        message_id: message_id_of(call),
        field: fault.field,
        reason: fault.reason,
    })
}

/// The sender's id as far as it is readable, to find a refused call by.
#[must_use]
pub fn message_id_of(call: &serde_json::Value) -> Option<String> {
    let text = call.get("messageId")?.as_str()?;
    Some(text.chars().take(MAX_REPEATED_CHARS).collect())
}

fn read(kind: Option<CallKind>, call: Fields<'_>, reception: Reception) -> Result<Event, Fault> {
    let kind = kind.map_or_else(|| kind_of(call), Ok)?;
    let properties = call.child("properties", Place::Properties)?;
    let who = who_of(kind, call)?;
    let action = action::read(kind, &who, call, properties, reception.currency)?;
    Ok(Event {
        message_id: match call.id("messageId")? {
            Some(id) => id,
            None => digest::message_id(call, reception.received_at)?,
        },
        at: instant::corrected(call, reception)?,
        received_at: reception.received_at,
        store: store_of(call, properties)?,
        opted_out: false,
        who,
        action,
    })
}

fn kind_of(call: Fields<'_>) -> Result<CallKind, Fault> {
    let kind = call.required_text("type")?;
    CallKind::parse(&kind).ok_or_else(|| {
        let known = "track, page, screen, identify, group and alias";
        call.fault("type", format!("is not one of {known}"))
    })
}

/// An alias says that the anonymous `previousId` is the user from now on.
fn who_of(kind: CallKind, call: Fields<'_>) -> Result<Who, Fault> {
    let anonymous = match kind {
        CallKind::Alias => call.id("previousId")?,
        _ => call.id("anonymousId")?,
    };
    let who = Who {
        anonymous,
        customer: call.id("userId")?,
    };
    match (kind, &who) {
        (
            CallKind::Alias,
            Who {
                anonymous: None, ..
            },
        ) => Err(call.fault("previousId", "is missing")),
        (CallKind::Alias, Who { customer: None, .. }) => Err(call.fault("userId", "is missing")),
        (
            _,
            Who {
                anonymous: None,
                customer: None,
            },
        ) => Err(call.fault("anonymousId", "is missing, and so is userId")),
        _ => Ok(who),
    }
}

/// `properties.store`, `properties.store_id`, `context.store` or `context.store.id`.
fn store_of(call: Fields<'_>, properties: Fields<'_>) -> Result<Option<StoreId>, Fault> {
    for name in ["store", "store_id"] {
        if let Some(store) = properties.id(name)? {
            return Ok(Some(store));
        }
    }
    let context = call.child("context", Place::Context)?;
    if context.has_object("store") {
        return context.child("store", Place::ContextStore)?.id("id");
    }
    context.id("store")
}
