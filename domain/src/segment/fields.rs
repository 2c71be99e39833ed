//! Reading the fields of a call, so that each error names its field.

use crate::ids::IdError;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A field that cannot be read, as a JSON pointer into the call, and why.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) field: String,
    pub(super) reason: String,
}

/// Where in a call an object lies.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Call,
    Properties,
    Product(usize),
    Context,
    ContextStore,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call => Ok(()),
            Self::Properties => f.write_str("/properties"),
            Self::Product(index) => write!(f, "/properties/products/{index}"),
            Self::Context => f.write_str("/context"),
            Self::ContextStore => f.write_str("/context/store"),
        }
    }
}

/// The fields of one object of a call. What is absent, null or blank counts as not there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    place: Place,
    map: Option<&'a Map<String, Value>>,
}

impl<'a> Fields<'a> {
    /// The fields of `value`, which has to be an object or null.
    pub(super) fn of(value: &'a Value, place: Place) -> Result<Self, Fault> {
        let map = match value {
            Value::Object(map) => Some(map),
            Value::Null if !matches!(place, Place::Call) => None,
            _ => {
                return Err(Fault {
                    field: place.to_string(),
                    reason: "is not an object".to_owned(),
                });
            }
        };
        Ok(Self { place, map })
    }

    /// The fields of an object among the fields.
    pub(super) fn child(self, name: &str, place: Place) -> Result<Self, Fault> {
        Self::of(self.raw(name).unwrap_or(&Value::Null), place)
    }

    /// Whether a field is an object.
    pub(super) fn has_object(self, name: &str) -> bool {
        self.raw(name).is_some_and(Value::is_object)
    }

    /// All fields as they came.
    pub(super) fn entries(self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.map.into_iter().flatten()
    }

    /// A field's value, where it has one.
    pub(super) fn value(self, name: &str) -> Option<&'a Value> {
        let value = self.raw(name)?;
        let blank = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        (!blank).then_some(value)
    }

    fn raw(self, name: &str) -> Option<&'a Value> {
        self.map?.get(name)
    }

    /// A text without the white space around it; whole numbers count as their digits.
    pub(super) fn text(self, name: &str) -> Result<Option<Cow<'a, str>>, Fault> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(Cow::Borrowed(text.trim()))),
            Some(Value::Number(number)) if !number.is_f64() => {
                Ok(Some(Cow::Owned(number.to_string())))
            }
            Some(_) => Err(self.fault(name, "is not text")),
        }
    }

    /// A text that has to be there.
    pub(super) fn required_text(self, name: &str) -> Result<Cow<'a, str>, Fault> {
        self.text(name)?
            .ok_or_else(|| self.fault(name, "is missing"))
    }

    /// The first of several texts that is there.
    pub(super) fn first_text(self, names: &[&str]) -> Result<Option<Cow<'a, str>>, Fault> {
        for name in names {
            if let Some(text) = self.text(name)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// A typed id.
    pub(super) fn id<T>(self, name: &str) -> Result<Option<T>, Fault>
    where
        T: TryFrom<String, Error = IdError>,
    {
        let parse = |text: Cow<'_, str>| {
            T::try_from(text.into_owned()).map_err(|error| self.fault(name, error.to_string()))
        };
        self.text(name)?.map(parse).transpose()
    }

    /// A typed id that has to be there.
    pub(super) fn required_id<T>(self, name: &str) -> Result<T, Fault>
    where
        T: TryFrom<String, Error = IdError>,
    {
        self.id(name)?.ok_or_else(|| self.fault(name, "is missing"))
    }

    /// The error of a field.
    pub(super) fn fault(self, name: &str, reason: impl Into<String>) -> Fault {
        Fault {
            field: format!("{}/{name}", self.place),
            reason: reason.into(),
        }
    }
}
