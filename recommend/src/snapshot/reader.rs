//! Takes bytes apart without ever reading past their end.

use super::SnapshotError;

/// What is left to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], SnapshotError> {
        let (taken, rest) = self
            .0
            .split_at_checked(len)
            .ok_or(SnapshotError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(super) fn u32(&mut self) -> Result<u32, SnapshotError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(SnapshotError::Truncated)?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*taken))
    }

    pub(super) fn u64(&mut self) -> Result<u64, SnapshotError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(SnapshotError::Truncated)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*taken))
    }

    /// A count of things that take at least `each` bytes, so that a wrong count is found before
    /// memory is reserved for it.
    pub(super) fn count(&mut self, each: usize) -> Result<usize, SnapshotError> {
        let count = self.u32()? as usize;
        if count.saturating_mul(each) > self.0.len() {
            return Err(SnapshotError::Truncated);
        }
        Ok(count)
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<&'a str, SnapshotError> {
        let len = self.count(1)?;
        std::str::from_utf8(self.take(len)?).map_err(|_| SnapshotError::Invalid { field })
    }
}
