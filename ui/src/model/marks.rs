//! A name with the letters that matched marked.

/// A run of letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Whether they matched.
    pub marked: bool,
    /// The letters.
    pub text: String,
}

/// Cuts `name` into runs by half-open ranges of `char` indices. Ranges that overlap, run backwards or reach beyond the
/// name mark what they can.
#[must_use]
pub fn runs(name: &str, matched: &[(u32, u32)]) -> Vec<Run> {
    let is_marked = |index: usize| {
        u32::try_from(index)
            .is_ok_and(|at| matched.iter().any(|(from, to)| (*from..*to).contains(&at)))
    };
    let mut runs: Vec<Run> = Vec::new();
    for (index, letter) in name.chars().enumerate() {
        let marked = is_marked(index);
        match runs.last_mut() {
            Some(run) if run.marked == marked => run.text.push(letter),
            _ => runs.push(Run {
                marked,
                text: letter.to_string(),
            }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, matched: &[(u32, u32)]) -> String {
        runs(name, matched)
            .into_iter()
            .map(|run| {
                if run.marked {
                    format!("[{}]", run.text)
                } else {
                    run.text
                }
            })
            .collect()
    }

    #[test]
    fn matched_letters_are_marked() {
        assert_eq!(shown("Ána Souza", &[(0, 2), (4, 6)]), "[Án]a [So]uza");
        assert_eq!(shown("Ana", &[]), "Ana");
        assert_eq!(shown("", &[(0, 2)]), "");
    }

    #[test]
    fn odd_ranges_lose_no_letter() {
        assert_eq!(shown("Ana", &[(2, 99), (1, 3), (3, 0)]), "A[na]");
    }
}
