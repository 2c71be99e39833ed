//! Numbers for names: the engine works on `u32`, the outside on typed ids.

use std::collections::HashMap;
use std::hash::Hash;

/// A two-way table of names and their numbers. A number, once given, never changes.
#[derive(Debug, Clone)]
pub struct Names<T> {
    names: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            numbers: HashMap::new(),
        }
    }
}

impl<T: Clone + Eq + Hash + Ord> Names<T> {
    /// Numbers `names` in their own order, whatever order they came in: the lower number is the
    /// smaller name, so ties that go to the lower number go the same way on every machine.
    pub fn sorted(names: impl IntoIterator<Item = T>) -> Self {
        let mut names: Vec<T> = names.into_iter().collect();
        names.sort_unstable();
        names.dedup();
        let mut table = Self::default();
        for name in names {
            table.intern(&name);
        }
        table
    }

    /// The number of `name`, given now if it has none. After 2³² - 1 names the last number is shared.
    pub fn intern(&mut self, name: &T) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.clone());
        self.numbers.insert(name.clone(), number);
        number
    }

    /// The number of `name`, if it has one.
    #[must_use]
    pub fn number(&self, name: &T) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The name with `number`.
    #[must_use]
    pub fn name(&self, number: u32) -> Option<&T> {
        self.names.get(number as usize)
    }

    /// All names, in the order of their numbers.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.names
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_names_and_later_names_follow_them() {
        let mut table = Names::sorted(["pear", "apple", "pear"].map(String::from));
        assert_eq!(table.number(&"apple".to_owned()), Some(0));
        assert_eq!(table.number(&"pear".to_owned()), Some(1));
        assert_eq!(table.intern(&"banana".to_owned()), 2);
        assert_eq!(table.intern(&"pear".to_owned()), 1);
        assert_eq!(table.name(2).map(String::as_str), Some("banana"));
        assert_eq!(table.name(3), None);
        assert_eq!(table.len(), 3);
    }
}
