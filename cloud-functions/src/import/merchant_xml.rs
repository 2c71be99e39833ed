//! Google Merchant feeds in RSS 2.0 or Atom: each `<item>` or `<entry>` is a row, each child a field.

use super::rows::{Fields, MAX_ROW_BYTES};
use super::summary::RowError;
use super::{Row, Sink};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};
use std::collections::BTreeMap;

/// What is being read.
#[derive(Default)]
struct Entry {
    fields: BTreeMap<String, String>,
    /// The field that is open, by name, and its nesting below.
    open: Option<(String, usize)>,
    bytes: usize,
}

/// Reads every item. A feed that is cut off keeps what was whole, and is an error after it.
pub(super) fn read(
    text: &str,
    sink: Sink<'_>,
    read: &dyn Fn(&Fields<'_>) -> Result<Row, RowError>,
) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    let mut entry: Option<Entry> = None;
    let mut number = 0;
    let mut depth = 0_u64;
    loop {
        let event = reader
            .read_event()
            .map_err(|error| cut_off(&error, number, reader.buffer_position()))?;
        match event {
            Event::Eof if depth > 0 => {
                return Err(format!("ends inside an element, after item {number}"));
            }
            Event::Eof => return Ok(()),
            Event::Start(tag) => {
                depth += 1;
                let name = local(tag.name().as_ref());
                match &mut entry {
                    Some(entry) => entry.start(name),
                    None if name == "item" || name == "entry" => entry = Some(Entry::default()),
                    None => {}
                }
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                let name = local(tag.name().as_ref());
                let ends = entry.as_mut().is_some_and(|entry| entry.end(&name));
                if ends && let Some(done) = entry.take() {
                    number += 1;
                    sink(number, done.row(read));
                }
            }
            Event::Text(text) => entry
                .iter_mut()
                .for_each(|entry| entry.push(&text.decode().unwrap_or_default())),
            Event::CData(text) => entry
                .iter_mut()
                .for_each(|entry| entry.push(&text.decode().unwrap_or_default())),
            Event::GeneralRef(reference) => entry
                .iter_mut()
                .for_each(|entry| entry.push(&resolve(&reference))),
            _ => {}
        }
    }
}

fn cut_off(error: &quick_xml::Error, number: u64, position: u64) -> String {
    format!("is not well-formed after item {number}, at byte {position}: {error}")
}

/// `g:id` is `id`.
fn local(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name).to_lowercase();
    name.rsplit(':').next().unwrap_or_default().to_owned()
}

/// `&amp;` and `&#228;`; what is not predefined stays as it is written.
fn resolve(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    let name = reference.decode().unwrap_or_default();
    match quick_xml::escape::resolve_predefined_entity(&name) {
        Some(text) => text.to_owned(),
        None => format!("&{name};"),
    }
}

impl Entry {
    fn start(&mut self, name: String) {
        match &mut self.open {
            Some((_, nested)) => *nested += 1,
            None => self.open = Some((name, 0)),
        }
    }

    /// Closes a field; tells whether the entry itself has ended.
    fn end(&mut self, _name: &str) -> bool {
        match &mut self.open {
            Some((_, nested)) if *nested > 0 => *nested -= 1,
            Some(_) => self.open = None,
            None => return true,
        }
        false
    }

    fn push(&mut self, text: &str) {
        self.bytes += text.len();
        if self.bytes > MAX_ROW_BYTES {
            return;
        }
        if let Some((name, 0)) = &self.open {
            self.fields.entry(name.clone()).or_default().push_str(text);
        }
    }

    fn row(self, read: &dyn Fn(&Fields<'_>) -> Result<Row, RowError>) -> Result<Row, RowError> {
        if self.bytes > MAX_ROW_BYTES {
            return Err(RowError::new(
                "item",
                format!("is longer than {MAX_ROW_BYTES} bytes"),
            ));
        }
        let filled = self
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.trim()))
            .filter(|(_, value)| !value.is_empty());
        read(&Fields(filled.collect()))
    }
}
