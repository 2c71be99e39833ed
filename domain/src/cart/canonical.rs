//! The bytes of a command and of a capsule: one way to write each, so that a hash or a signature means one thing.

use super::author::Author;
use super::command::{Action, CartCommand, NewLine};
use super::price::{PriceSnapshot, PriceSource};
use xxhash_rust::xxh3::xxh3_64;

/// Fields one after the other, texts after their lengths.
#[derive(Default)]
pub(super) struct Canonical(Vec<u8>);

impl Canonical {
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(super) fn signed(&mut self, number: i64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    /// A field that may be missing, told from an empty one.
    pub(super) fn optional(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.number(1).text(text),
            None => self.number(0),
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn command(&mut self, command: &CartCommand) -> &mut Self {
        let at = command.issued_at_device;
        self.text(command.id.as_str());
        self.author(&command.by);
        self.signed(at.timestamp());
        self.number(at.timestamp_subsec_nanos().into());
        self.action(&command.action)
    }

    fn author(&mut self, by: &Author) -> &mut Self {
        self.text(by.channel.as_str()).text(by.device.as_str());
        self.optional(by.associate.as_ref().map(|id| id.as_str()))
    }

    fn action(&mut self, action: &Action) -> &mut Self {
        match action {
            Action::AddLine(line) if line.note.is_empty() => self.text("add_line").new_line(line),
            Action::AddLine(line) => {
                // Under a name of its own: the bytes of one without a note stay what they were.
                self.text("add_line_noted").text(&line.note).new_line(line)
            }
            Action::SetQuantity {
                line_id,
                quantity,
                base_version,
            } => {
                self.text("set_quantity").text(line_id.as_str());
                self.number((*quantity).into()).number(*base_version)
            }
            Action::ChangeQuantity { line_id, delta } => {
                self.text("change_quantity").text(line_id.as_str());
                self.signed((*delta).into())
            }
            Action::RemoveLine { line_id, observed } => {
                self.text("remove_line").text(line_id.as_str());
                self.text(observed.added.as_str()).number(observed.version)
            }
            Action::NoteLine { line_id, text } => {
                self.text("note_line").text(line_id.as_str()).text(text)
            }
        }
    }

    fn new_line(&mut self, line: &NewLine) -> &mut Self {
        self.text(line.line_id.as_str()).text(line.sku.as_str());
        self.number(line.quantity.into());
        match &line.price {
            Some(price) => self.number(1).price(price),
            None => self.number(0),
        }
    }

    fn price(&mut self, price: &PriceSnapshot) -> &mut Self {
        self.signed(price.unit.minor)
            .text(price.unit.currency.code());
        self.number(price.version);
        match &price.source {
            PriceSource::List { list } => self.text("list").text(list.as_str()),
            PriceSource::Agreed { by } => self.text("agreed").text(by.as_str()),
        };
        match price.valid_until {
            Some(until) => self.number(1).signed(until.timestamp_micros()),
            None => self.number(0),
        }
    }
}

/// What tells a command's repeat from another command under its id: 16 hexadecimal digits.
pub(super) fn fingerprint(command: &CartCommand) -> String {
    let mut canonical = Canonical::default();
    canonical.command(command);
    format!("{:016x}", xxh3_64(&canonical.into_bytes()))
}
