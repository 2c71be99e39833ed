//! Reads a request, and names the field where one is wrong.

use crate::refusal::{invalid, refuse};
use domain::api::device::{DeviceCall, MAX_ROWS, Refusal, RefusalCode};
use serde_json::{Map, Value};

/// The longest text that is searched for, in characters.
const MAX_QUERY_CHARS: usize = 200;

/// Reads the arguments of a call. Nothing at all is an empty object.
pub(super) fn read<C: DeviceCall>(args: Value) -> Result<C, Refusal> {
    let fields = match args {
        Value::Null => Map::new(),
        Value::Object(fields) => fields,
        _ => {
            return Err(refuse(
                RefusalCode::Invalid,
                "the arguments are not an object",
            ));
        }
    };
    match C::deserialize(Value::Object(fields.clone())) {
        Ok(request) => Ok(request),
        Err(error) => Err(refuse(
            RefusalCode::Invalid,
            match culprit::<C>(&fields) {
                Some(field) => format!("`{field}`: {error}"),
                None => error.to_string(),
            },
        )),
    }
}

/// The field without which the rest would be read, or would only lack it.
fn culprit<C: DeviceCall>(fields: &Map<String, Value>) -> Option<&str> {
    fields.keys().map(String::as_str).find(|field| {
        let mut rest = fields.clone();
        rest.remove(*field);
        match C::deserialize(Value::Object(rest)) {
            Ok(_) => true,
            Err(error) => error.to_string() == format!("missing field `{field}`"),
        }
    })
}

/// Checks a text that is searched for.
pub(super) fn check_query(query: &str) -> Result<(), Refusal> {
    if query.chars().count() > MAX_QUERY_CHARS {
        let why = format!("is longer than {MAX_QUERY_CHARS} characters");
        return Err(invalid("query", why));
    }
    Ok(())
}

/// Checks how many rows are asked for.
pub(super) fn check_limit(limit: usize) -> Result<(), Refusal> {
    if (1..=MAX_ROWS).contains(&limit) {
        return Ok(());
    }
    Err(invalid("limit", format!("is not 1 to {MAX_ROWS}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::api::device::{AddNote, ReadStatus, SearchItems};
    use serde_json::json;

    fn why<C: DeviceCall>(args: Value) -> String {
        let Err(refusal) = read::<C>(args) else {
            panic!("was read");
        };
        assert_eq!(refusal.code, RefusalCode::Invalid);
        refusal.message
    }

    #[test]
    fn a_wrong_field_is_named() {
        assert!(why::<AddNote>(json!({"customer": "a#b", "text": "x"})).contains("`customer`"));
        assert!(why::<AddNote>(json!({"customer": "c", "text": 7})).contains("`text`"));
        assert!(why::<AddNote>(json!({"customer": "c"})).contains("`text`"));
        let bad = json!({"query": "x", "limit": 5, "department": 4});
        assert!(why::<SearchItems>(bad).contains("`department`"));
        assert!(why::<AddNote>(json!([1])).contains("object"));
    }

    #[test]
    fn nothing_is_an_empty_request() {
        assert!(read::<ReadStatus>(Value::Null).is_ok());
        assert!(read::<ReadStatus>(json!({})).is_ok());
    }

    #[test]
    fn bounds_are_checked() {
        assert!(check_limit(0).is_err() && check_limit(MAX_ROWS + 1).is_err());
        assert!(check_limit(MAX_ROWS).is_ok());
        assert!(check_query(&"é".repeat(200)).is_ok() && check_query(&"é".repeat(201)).is_err());
    }
}
