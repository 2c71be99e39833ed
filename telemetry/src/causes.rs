//! What caused work that is done for several at once: a batch of events, a push of commands.

use domain::trace::TraceContext;
use tracing::Span;

/// The most causes that one piece of work names.
const MAX_CAUSES: usize = 32;

/// Distinct causes, in their order; the first few.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Causes(Vec<TraceContext>);

impl FromIterator<TraceContext> for Causes {
    fn from_iter<I: IntoIterator<Item = TraceContext>>(all: I) -> Self {
        let mut causes = Vec::new();
        for cause in all {
            if causes.len() == MAX_CAUSES {
                break;
            }
            if !causes.contains(&cause) {
                causes.push(cause);
            }
        }
        Self(causes)
    }
}

impl Causes {
    /// Where the work goes on, if all causes are in one trace; work for several has a trace of its own.
    #[must_use]
    pub fn only(&self) -> Option<TraceContext> {
        let (first, others) = self.0.split_first()?;
        let same = |other: &TraceContext| other.trace_id() == first.trace_id();
        others.iter().all(same).then_some(*first)
    }

    /// The span is about this work: it goes on in the only trace, and is linked to each cause. To be said before the
    /// span is entered.
    pub fn put_on(&self, span: &Span) {
        crate::follow(span, self.only());
        for cause in &self.0 {
            crate::link(span, *cause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(trace: u8, span: u8) -> TraceContext {
        TraceContext::begin([trace; 16], [span; 8])
    }

    #[test]
    fn one_trace_goes_on_and_several_do_not() {
        let one: Causes = [trace(1, 1), trace(1, 2), trace(1, 1)]
            .into_iter()
            .collect();
        assert_eq!(one.0, [trace(1, 1), trace(1, 2)]);
        assert_eq!(one.only(), Some(trace(1, 1)));
        let two: Causes = [trace(1, 1), trace(2, 2)].into_iter().collect();
        assert_eq!((two.0.len(), two.only()), (2, None));
        assert_eq!(Causes::default().only(), None);
    }

    #[test]
    fn there_is_an_end_to_causes() {
        let many: Causes = (1..=200).map(|span| trace(1, span)).collect();
        assert_eq!(many.0.len(), MAX_CAUSES);
        let same: Causes = (1..=200).map(|_| trace(1, 1)).collect();
        assert_eq!(same.0.len(), 1);
    }
}
