//! What an import did.

use serde::Serialize;

/// The most row errors that a summary lists; all are counted.
pub(super) const MAX_LISTED: usize = 50;

/// A row that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("row {row}, {field}: {reason}")]
pub struct RowError {
    /// Its number in the file: the first row after the header is 1.
    pub row: u64,
    /// The column at fault.
    pub field: String,
    /// Why.
    pub reason: String,
}

impl RowError {
    /// An error of a field; the row is filled in by the reader.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "an error is handed over and not used again"
    )]
    pub fn new(field: &str, reason: impl ToString) -> Self {
        Self {
            row: 0,
            field: field.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// What an import did with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The file's name.
    pub file: String,
    /// What it was recognised as.
    pub format: String,
    /// Rows read.
    pub rows: u64,
    /// Items written.
    pub items: u64,
    /// Customers written.
    pub customers: u64,
    /// Orders and returns written.
    pub orders: u64,
    /// Fences written.
    pub fences: u64,
    /// Terms written: 1, or none.
    pub terms: u64,
    /// Rows refused.
    pub refused: u64,
    /// The first `MAX_LISTED` of them.
    pub errors: Vec<RowError>,
}

impl Summary {
    pub(super) fn new(file: &str, format: &str) -> Self {
        Self {
            file: file.to_owned(),
            format: format.to_owned(),
            rows: 0,
            items: 0,
            customers: 0,
            orders: 0,
            fences: 0,
            terms: 0,
            refused: 0,
            errors: Vec::new(),
        }
    }

    /// A summary of what was not read from a file.
    pub(crate) fn of(what: &str) -> Self {
        Self::new(what, "drawn")
    }

    /// Counts a row, and its error where it has one.
    pub(super) fn count(&mut self, row: u64, error: Option<&RowError>) {
        self.rows += 1;
        if let Some(error) = error {
            self.refuse(RowError {
                row,
                ..error.clone()
            });
        }
    }

    /// Counts a row as refused.
    pub(super) fn refuse(&mut self, error: RowError) {
        self.refused += 1;
        if self.errors.len() < MAX_LISTED {
            self.errors.push(error);
        }
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            file,
            format,
            rows,
            items,
            customers,
            orders,
            fences,
            terms,
            refused,
            ..
        } = self;
        write!(f, "{file} ({format}): {rows} rows read")?;
        for (count, what) in [
            (items, "items"),
            (customers, "customers"),
            (orders, "orders"),
            (fences, "fences"),
            (terms, "terms"),
        ] {
            if *count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        write!(f, ", {refused} rows refused")?;
        for error in &self.errors {
            write!(f, "\n  {error}")?;
        }
        let unlisted = refused.saturating_sub(u64::try_from(self.errors.len()).unwrap_or(0));
        if unlisted > 0 {
            write!(f, "\n  … and {unlisted} more")?;
        }
        Ok(())
    }
}
