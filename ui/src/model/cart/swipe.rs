//! A finger that pushes a line aside to take it out. Pure: the caller says where the finger is.

/// Pixels that a finger moves before it is a swipe; less is a tap.
const SLACK_PX: f64 = 12.0;
/// The part of the line's width from which on letting go takes it out.
const FAR: f64 = 0.35;

/// A swipe that may be under way.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Swipe {
    /// No finger is on the line.
    #[default]
    None,
    /// A finger is down, and it is not clear yet what it wants.
    Down {
        /// Where it went down, in pixels.
        x: f64,
        /// The same, downwards.
        y: f64,
    },
    /// It pushes the line.
    Pushing {
        /// Where it went down.
        from: f64,
        /// Where it is.
        at: f64,
    },
}

impl Swipe {
    /// A finger goes down.
    pub fn down(&mut self, x: f64, y: f64) {
        *self = Self::Down { x, y };
    }

    /// It moves. Gives whether the line is being pushed: whoever scrolls moves up or down first, and pushes nothing.
    pub fn moved(&mut self, to_x: f64, to_y: f64) -> bool {
        match *self {
            Self::None => false,
            Self::Down { x, y } => {
                let (across, along) = ((to_x - x).abs(), (to_y - y).abs());
                if along > SLACK_PX && along > across {
                    *self = Self::None;
                } else if across > SLACK_PX {
                    *self = Self::Pushing { from: x, at: to_x };
                }
                matches!(self, Self::Pushing { .. })
            }
            Self::Pushing { from, .. } => {
                *self = Self::Pushing { from, at: to_x };
                true
            }
        }
    }

    /// How far the line is pushed, in pixels.
    #[must_use]
    pub fn offset(self) -> f64 {
        match self {
            Self::Pushing { from, at } => at - from,
            Self::None | Self::Down { .. } => 0.0,
        }
    }

    /// The finger is up. Gives whether the line of this width is taken out.
    pub fn up(&mut self, width: f64) -> bool {
        let far = self.offset().abs() > width * FAR && width > 0.0;
        *self = Self::None;
        far
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_pushed_far_enough_is_taken_out() {
        let mut swipe = Swipe::default();
        swipe.down(300.0, 10.0);
        assert!(!swipe.moved(295.0, 12.0), "a tap may tremble");
        assert!(swipe.moved(200.0, 14.0));
        assert!((swipe.offset() + 100.0).abs() < f64::EPSILON);
        assert!(!swipe.up(400.0), "too short");
        swipe.down(300.0, 10.0);
        swipe.moved(100.0, 14.0);
        assert!(swipe.up(400.0));
        assert_eq!(swipe, Swipe::None);
    }

    #[test]
    fn whoever_scrolls_takes_nothing_out() {
        let mut swipe = Swipe::default();
        swipe.down(300.0, 10.0);
        assert!(!swipe.moved(305.0, 60.0));
        assert!(!swipe.moved(0.0, 60.0));
        assert!(!swipe.up(400.0));
    }
}
