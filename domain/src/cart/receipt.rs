//! Receipt numbers: store, workstation, business day and sequence (as ARTS names them). The sequence has no gap and is
//! given by the write that makes the order.

use crate::ids::StoreId;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// The last number of a workstation's day.
pub const MAX_SEQUENCE: u32 = 999_999;
/// The last hour at which a business day may begin.
const LAST_START_HOUR: u32 = 12;

/// A till, tablet or kiosk of a store, by its number: 1 to 999.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(try_from = "u16", into = "u16")]
#[schema(value_type = u16)]
pub struct Workstation(u16);

/// The number on a receipt: `17-003-20261123-000042`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReceiptNumber {
    /// The store.
    pub store: StoreId,
    /// The till in it.
    pub workstation: Workstation,
    /// The day of trade.
    pub day: NaiveDate,
    /// From 1 on in each day.
    sequence: u32,
}

/// Why something is not a receipt number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    /// Not 1 to 999.
    #[error("a workstation is 1 to 999")]
    Workstation,
    /// Not 1 to [`MAX_SEQUENCE`].
    #[error("a sequence is 1 to {MAX_SEQUENCE}")]
    Sequence,
    /// A year that is not of four digits.
    #[error("a business day is in the years 1000 to 9999")]
    Day,
    /// Not store, workstation, day and sequence.
    #[error("`{0}` is not a receipt number")]
    Form(String),
}

impl Workstation {
    /// The till with this number.
    pub fn new(number: u16) -> Result<Self, ReceiptFault> {
        let fits = (1..=999).contains(&number);
        fits.then_some(Self(number))
            .ok_or(ReceiptFault::Workstation)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for Workstation {
    type Error = ReceiptFault;
    fn try_from(number: u16) -> Result<Self, ReceiptFault> {
        Self::new(number)
    }
}

impl From<Workstation> for u16 {
    fn from(workstation: Workstation) -> Self {
        workstation.0
    }
}

impl ReceiptNumber {
    /// The number of these four.
    pub fn new(
        store: StoreId,
        workstation: Workstation,
        day: NaiveDate,
        sequence: u32,
    ) -> Result<Self, ReceiptFault> {
        use chrono::Datelike as _;
        if !(1..=MAX_SEQUENCE).contains(&sequence) {
            return Err(ReceiptFault::Sequence);
        }
        if !(1000..=9999).contains(&day.year()) {
            return Err(ReceiptFault::Day);
        }
        Ok(Self {
            store,
            workstation,
            day,
            sequence,
        })
    }

    /// From 1 on in each day.
    #[must_use]
    pub const fn sequence(&self) -> u32 {
        self.sequence
    }

    /// The one after it on the same day.
    pub fn next(&self) -> Result<Self, ReceiptFault> {
        let sequence = self.sequence.saturating_add(1);
        Self::new(self.store.clone(), self.workstation, self.day, sequence)
    }
}

impl std::fmt::Display for ReceiptNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (store, till, sequence) = (&self.store, self.workstation.0, self.sequence);
        write!(
            f,
            "{store}-{till:03}-{}-{sequence:06}",
            self.day.format("%Y%m%d")
        )
    }
}

impl std::str::FromStr for ReceiptNumber {
    type Err = ReceiptFault;

    /// Reads from the end, because a store's own id may have hyphens.
    fn from_str(text: &str) -> Result<Self, ReceiptFault> {
        let form = || ReceiptFault::Form(text.chars().take(64).collect());
        let mut parts = text.rsplitn(4, '-');
        let mut part = || parts.next().ok_or_else(form);
        let (sequence, day, till, store) = (part()?, part()?, part()?, part()?);
        let digits = |part: &str, count| {
            part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(sequence, 6) || !digits(day, 8) || !digits(till, 3) {
            return Err(form());
        }
        let till = till.parse().map_err(|_| form())?;
        Self::new(
            StoreId::parse(store).map_err(|_| form())?,
            Workstation::new(till)?,
            NaiveDate::parse_from_str(day, "%Y%m%d").map_err(|_| form())?,
            sequence.parse().map_err(|_| form())?,
        )
    }
}

impl TryFrom<String> for ReceiptNumber {
    type Error = ReceiptFault;
    fn try_from(text: String) -> Result<Self, ReceiptFault> {
        text.parse()
    }
}

impl From<ReceiptNumber> for String {
    fn from(number: ReceiptNumber) -> Self {
        number.to_string()
    }
}

/// The day of trade that an instant is in: a store that closes after midnight begins its day later, at `starts_at_hour`
/// (0 to 12, by its own clock on the wall).
#[must_use]
pub fn business_day(at: DateTime<Utc>, zone: chrono_tz::Tz, starts_at_hour: u32) -> NaiveDate {
    let wall = at.with_timezone(&zone).naive_local();
    let late = TimeDelta::hours(starts_at_hour.min(LAST_START_HOUR).into());
    wall.checked_sub_signed(late).unwrap_or(wall).date()
}
