//! Which versions of commands are taken, and how old ones become new ones.
//!
//! A tablet that was offline pushes what its program of then queued. Each old version is up-cast, step by step, and is
//! taken for [`TAKEN_FOR`] after it grew old, by the cloud's clock.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::api::sync::{Command, command};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// How long a version is taken after a newer one replaced it.
const TAKEN_FOR: TimeDelta = TimeDelta::days(180);

/// A kind of command.
struct Kind {
    name: &'static str,
    /// The versions before the current one, from 1.
    old: &'static [Old],
}

/// A version that was replaced.
struct Old {
    /// The day on which it was: year, month, day.
    replaced_on: (i32, u32, u32),
    /// Makes its arguments those of the next version.
    up: fn(&mut Map<String, Value>),
}

const KINDS: &[Kind] = &[
    Kind {
        name: command::NOTE_ADD,
        old: &[Old {
            replaced_on: (2026, 11, 23),
            up: unpinned,
        }],
    },
    Kind {
        name: command::NOTE_CHANGE,
        old: &[],
    },
    Kind {
        name: command::NOTE_REMOVE,
        old: &[],
    },
    Kind {
        name: command::PICK_SET,
        old: &[],
    },
    Kind {
        name: command::CART_BEGIN,
        old: &[],
    },
    Kind {
        name: command::CART_CHANGE,
        old: &[],
    },
    Kind {
        name: command::CART_SELL,
        old: &[],
    },
];

/// Version 1 of `note.add` knew no pins.
fn unpinned(args: &mut Map<String, Value>) {
    args.insert("pinned".to_owned(), Value::Bool(false));
}

/// The arguments of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Args<'a> {
    /// In the current version of its kind.
    Current(Cow<'a, str>),
    /// Of a version that is no longer taken.
    TooOld,
    /// Of no kind or version that is known here.
    Unknown,
}

/// Reads a command's arguments as the current version of its kind.
pub(super) fn current(command: &Command, now: DateTime<Utc>) -> Args<'_> {
    let kind = KINDS.iter().find(|kind| kind.name == command.kind);
    kind.map_or(Args::Unknown, |kind| kind.up_cast(command, now))
}

impl Kind {
    fn up_cast<'a>(&self, command: &'a Command, now: DateTime<Utc>) -> Args<'a> {
        // Versions are counted from 1.
        let steps = usize::try_from(command.version)
            .ok()
            .and_then(|version| self.old.get(version.checked_sub(1)?..));
        match steps {
            None => Args::Unknown,
            Some([]) => Args::Current(command.args.get().into()),
            Some([first, ..]) if !first.is_taken(now) => Args::TooOld,
            Some(steps) => Args::Current(up(command.args.get(), steps)),
        }
    }
}

impl Old {
    fn is_taken(&self, now: DateTime<Utc>) -> bool {
        let (year, month, day) = self.replaced_on;
        NaiveDate::from_ymd_opt(year, month, day)
            .is_some_and(|day| now.date_naive() - day <= TAKEN_FOR)
    }
}

/// What is no object stays as it is: whoever reads it next says what is wrong with it.
fn up<'a>(args: &'a str, steps: &[Old]) -> Cow<'a, str> {
    match serde_json::from_str(args) {
        Ok(Value::Object(mut args)) => {
            steps.iter().for_each(|step| (step.up)(&mut args));
            Value::Object(args).to_string().into()
        }
        _ => args.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::CommandId;

    fn command(kind: &str, version: u32, args: &str) -> Command {
        Command {
            cseq: 1,
            id: CommandId::parse("k").unwrap(),
            kind: kind.to_owned(),
            version,
            args: serde_json::from_str(args).unwrap(),
            issued_at_device: DateTime::UNIX_EPOCH,
        }
    }

    fn at(now: &str) -> DateTime<Utc> {
        now.parse().unwrap()
    }

    #[test]
    fn an_old_version_becomes_the_new_one_for_as_long_as_it_is_taken() {
        let old = command(command::NOTE_ADD, 1, r#"{"text":"x"}"#);
        for now in ["2020-01-01T00:00:00Z", "2027-05-22T23:59:59Z"] {
            let Args::Current(new) = current(&old, at(now)) else {
                panic!("not taken at {now}");
            };
            // The order of fields is whatever the program's JSON library was built with.
            let new: Value = serde_json::from_str(&new).unwrap();
            assert_eq!(new, serde_json::json!({"text": "x", "pinned": false}));
        }
        assert_eq!(current(&old, at("2027-05-23T00:00:00Z")), Args::TooOld);
        let odd = command(command::NOTE_ADD, 1, "[1]");
        assert_eq!(
            current(&odd, at("2026-12-01T00:00:00Z")),
            Args::Current("[1]".into())
        );
    }

    #[test]
    fn the_current_version_is_taken_byte_for_byte_and_others_are_not_known() {
        let now = at("2090-01-01T00:00:00Z");
        let args = r#"{ "text" : 1.10 }"#;
        for (kind, version) in [(command::NOTE_ADD, 2), (command::NOTE_REMOVE, 1)] {
            let known = command(kind, version, args);
            assert_eq!(current(&known, now), Args::Current(args.into()));
            for unknown in [0, version + 1, u32::MAX] {
                let unknown = command(kind, unknown, args);
                assert_eq!(current(&unknown, now), Args::Unknown);
            }
        }
        assert_eq!(current(&command("note.burn", 1, args), now), Args::Unknown);
    }
}
