//! What a screen shows of something it asked for: the last answer stays until the next one is here, the newest question
//! wins, and a skeleton comes only after [`SKELETON_AFTER_MS`].

use domain::api::device::Refusal;

/// Milliseconds until a screen without an answer shows a skeleton.
pub const SKELETON_AFTER_MS: u64 = 150;

/// One question; the one with the highest number is the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u64);

/// Something asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Load<T> {
    newest: u64,
    waiting: bool,
    slow: bool,
    answer: Option<T>,
    refusal: Option<Refusal>,
}

impl<T> Default for Load<T> {
    fn default() -> Self {
        Self {
            newest: 0,
            waiting: false,
            slow: false,
            answer: None,
            refusal: None,
        }
    }
}

/// What to draw.
#[derive(Debug, Clone, PartialEq)]
pub enum Face<T> {
    /// Nothing yet: too early for a skeleton.
    Blank,
    /// It takes a while.
    Skeleton,
    /// It was refused, and nothing older can be shown.
    Refused(Refusal),
    /// The newest answer there is.
    Ready(T),
}

impl<T: Clone> Load<T> {
    /// A new question; what was answered stays.
    pub fn ask(&mut self) -> Ticket {
        self.newest += 1;
        self.waiting = true;
        self.slow = false;
        Ticket(self.newest)
    }

    /// A question about something else: what was answered goes.
    pub fn ask_anew(&mut self) -> Ticket {
        self.answer = None;
        self.refusal = None;
        self.ask()
    }

    /// Time has passed without an answer. Gives whether that changes what is drawn.
    pub fn is_slow(&mut self, ticket: Ticket) -> bool {
        let changes = self.waiting && ticket.0 == self.newest && !self.slow;
        self.slow |= changes;
        changes
    }

    /// An answer; one that is overtaken is dropped. Gives whether it was taken.
    pub fn answer(&mut self, ticket: Ticket, outcome: Result<T, Refusal>) -> bool {
        if ticket.0 != self.newest {
            return false;
        }
        self.waiting = false;
        self.slow = false;
        match outcome {
            Ok(answer) => {
                self.answer = Some(answer);
                self.refusal = None;
            }
            Err(refusal) => self.refusal = Some(refusal),
        }
        true
    }

    /// What to draw.
    pub fn face(&self) -> Face<T> {
        match (&self.answer, &self.refusal) {
            (Some(answer), _) => Face::Ready(answer.clone()),
            (None, Some(refusal)) => Face::Refused(refusal.clone()),
            (None, None) if self.slow => Face::Skeleton,
            (None, None) => Face::Blank,
        }
    }

    /// Whether the newest question is not answered yet.
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// Whether the answer that is shown is that to the newest question.
    pub fn is_settled(&self) -> bool {
        !self.waiting && self.refusal.is_none() && self.answer.is_some()
    }

    /// The newest answer there is.
    pub fn ready(&self) -> Option<&T> {
        self.answer.as_ref()
    }

    /// Why the newest question was refused; an older answer may still be shown.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::api::device::RefusalCode;

    fn refusal() -> Refusal {
        Refusal {
            code: RefusalCode::Offline,
            message: "no network".into(),
            retry_at: None,
        }
    }

    #[test]
    fn the_newest_question_wins() {
        let mut load = Load::default();
        let (first, second) = (load.ask(), load.ask());
        assert!(load.answer(second, Ok(2)));
        assert!(!load.answer(first, Ok(1)));
        assert_eq!(load.face(), Face::Ready(2));
    }

    #[test]
    fn only_an_answer_to_the_newest_question_settles() {
        let mut load = Load::default();
        assert!(!load.is_waiting() && !load.is_settled());
        let (first, second) = (load.ask(), load.ask());
        load.answer(first, Ok(1));
        assert!(load.is_waiting() && !load.is_settled());
        load.answer(second, Ok(2));
        assert!(load.is_settled());
        let third = load.ask();
        assert!(load.is_waiting() && !load.is_settled());
        load.answer(third, Err(refusal()));
        assert!(!load.is_waiting() && !load.is_settled());
    }

    #[test]
    fn a_skeleton_only_where_nothing_older_can_be_shown() {
        let mut load = Load::default();
        let ticket = load.ask();
        assert_eq!(load.face(), Face::Blank);
        assert!(load.is_slow(ticket));
        assert_eq!(load.face(), Face::Skeleton);
        load.answer(ticket, Ok("a"));
        let again = load.ask();
        load.is_slow(again);
        assert_eq!(load.face(), Face::Ready("a"));
        assert!(!load.is_slow(ticket), "an overtaken question is not slow");
    }

    #[test]
    fn a_refusal_keeps_what_was_there() {
        let mut load = Load::default();
        let ticket = load.ask();
        load.answer(ticket, Err(refusal()));
        assert_eq!(load.face(), Face::Refused(refusal()));
        let ticket = load.ask_anew();
        load.answer(ticket, Ok(1));
        let ticket = load.ask();
        load.answer(ticket, Err(refusal()));
        assert_eq!(load.face(), Face::Ready(1));
        assert_eq!(load.refusal(), Some(&refusal()));
    }
}
