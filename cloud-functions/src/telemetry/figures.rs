//! Everything that is counted. Each drop, retry and dead letter has a figure of its own.

use telemetry::{Counter, Figure, Gauge, Histogram, LATENCY_S};

/// How long requests took, until the head of their answer; by method, route and status.
pub static REQUESTS: Histogram = Histogram::new(
    "http.server.request.duration",
    "s",
    "How long requests took",
    LATENCY_S,
);
/// Events that are in the log now.
pub static APPENDED: Counter = Counter::new(
    "aisle.events.appended",
    "{event}",
    "Events that were appended",
);
/// Events that were in the log before.
pub static DUPLICATE: Counter = Counter::new(
    "aisle.events.duplicate",
    "{event}",
    "Events that were there before",
);
/// Calls of senders that are no events; kept with the reason.
pub static REJECTED: Counter = Counter::new(
    "aisle.events.rejected",
    "{event}",
    "Calls that were rejected",
);
/// Events that a consumer took; by consumer.
pub static CONSUMED: Counter = Counter::new(
    "aisle.consumer.consumed",
    "{event}",
    "Events that a consumer took",
);
/// Events that failed and are tried again; by consumer.
pub static RETRIES: Counter = Counter::new(
    "aisle.consumer.retries",
    "{event}",
    "Events that failed and are tried again",
);
/// Events that were given up; by consumer.
pub static DEAD_LETTERS: Counter = Counter::new(
    "aisle.consumer.dead_letters",
    "{event}",
    "Events that were given up",
);
/// For how long a pump has not reached the end of its log; by consumer.
pub static LAG: Gauge = Gauge::new(
    "aisle.consumer.lag",
    "s",
    "For how long a consumer has not reached the end of the log",
);
/// Batches of a ledger that lost a race.
pub static CONFLICTS: Counter = Counter::new(
    "aisle.ledger.conflicts",
    "{batch}",
    "Batches that were refused because an item had moved on",
);
/// Calls that an engine was told to make later.
pub static THROTTLED: Counter = Counter::new(
    "aisle.ledger.throttled",
    "{call}",
    "Calls that an engine was told to make later",
);
/// Calls that a ledger did not answer; by operation.
pub static UNAVAILABLE: Counter = Counter::new(
    "aisle.ledger.unavailable",
    "{call}",
    "Calls that a ledger did not answer, or had no room for",
);
/// Batches of which nobody knows whether they were written.
pub static UNKNOWN: Counter = Counter::new(
    "aisle.ledger.unknown",
    "{batch}",
    "Batches whose outcome is unknown",
);
/// Commands of devices that were done.
pub static PUSH_APPLIED: Counter = Counter::new(
    "aisle.push.applied",
    "{command}",
    "Commands that were applied",
);
/// Commands that had been done before.
pub static PUSH_DUPLICATE: Counter = Counter::new(
    "aisle.push.duplicate",
    "{command}",
    "Commands that had been decided before",
);
/// Commands that were refused.
pub static PUSH_REJECTED: Counter = Counter::new(
    "aisle.push.rejected",
    "{command}",
    "Commands that were rejected",
);
/// Commands that came too late.
pub static PUSH_SUPERSEDED: Counter = Counter::new(
    "aisle.push.superseded",
    "{command}",
    "Commands that something newer had replaced",
);
/// Letters that were handed to whoever delivers them.
pub static LETTERS_SENT: Counter =
    Counter::new("aisle.letters.sent", "{letter}", "Letters that were sent");
/// Letters that nobody took.
pub static LETTERS_DROPPED: Counter = Counter::new(
    "aisle.letters.dropped",
    "{letter}",
    "Letters that nobody took",
);
/// What payments came to; by operation and outcome.
pub static PAYMENTS: Counter = Counter::new("aisle.payments", "{call}", "What payments came to");
/// Refunds and payments that are tried again.
pub static PAYMENTS_RETRIED: Counter = Counter::new(
    "aisle.payments.retried",
    "{payment}",
    "Refunds that stay owed and payments that stay in doubt",
);
/// Decisions on recommendations that were not kept; by reason.
pub static DECISIONS_DROPPED: Counter = Counter::new(
    "aisle.decisions.dropped",
    "{decision}",
    "Decisions on recommendations that were not kept",
);
/// Work from time to time that failed and is done again in the next round; by kind.
pub static UPKEEP_FAILED: Counter = Counter::new(
    "aisle.upkeep.failed",
    "{round}",
    "Rounds of upkeep that failed and come again",
);
/// Changes in a feed that a function could not read and passed over.
pub static CHANGES_DROPPED: Counter = Counter::new(
    "aisle.changes.dropped",
    "{change}",
    "Changes of a feed that could not be read",
);

/// All of them.
pub static ALL: &[Figure] = &[
    Figure::Histogram(&REQUESTS),
    Figure::Counter(&APPENDED),
    Figure::Counter(&DUPLICATE),
    Figure::Counter(&REJECTED),
    Figure::Counter(&CONSUMED),
    Figure::Counter(&RETRIES),
    Figure::Counter(&DEAD_LETTERS),
    Figure::Gauge(&LAG),
    Figure::Counter(&CONFLICTS),
    Figure::Counter(&THROTTLED),
    Figure::Counter(&UNAVAILABLE),
    Figure::Counter(&UNKNOWN),
    Figure::Counter(&PUSH_APPLIED),
    Figure::Counter(&PUSH_DUPLICATE),
    Figure::Counter(&PUSH_REJECTED),
    Figure::Counter(&PUSH_SUPERSEDED),
    Figure::Counter(&LETTERS_SENT),
    Figure::Counter(&LETTERS_DROPPED),
    Figure::Counter(&PAYMENTS),
    Figure::Counter(&PAYMENTS_RETRIED),
    Figure::Counter(&DECISIONS_DROPPED),
    Figure::Counter(&UPKEEP_FAILED),
    Figure::Counter(&CHANGES_DROPPED),
    Figure::Counter(&telemetry::DROPPED),
];
