//! A sparkline as the path of an SVG: minutes from left to right, the largest at the top.

use std::fmt::Write;

/// Width of the drawing's own units.
pub const WIDTH: f64 = 240.0;
/// Height of the drawing's own units.
pub const HEIGHT: f64 = 56.0;
/// Room for the line's own width, above and below.
const MARGIN: f64 = 3.0;

/// A line, and the area under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spark {
    /// The `d` of the line.
    pub line: String,
    /// The `d` of the area.
    pub area: String,
}

/// Draws `values`, oldest first. Fewer than two make a flat line; negative ones count as nothing.
#[must_use]
pub fn spark(values: &[i64]) -> Spark {
    let flat = [0, 0];
    let values = if values.len() < 2 { &flat[..] } else { values };
    let largest = values.iter().copied().max().unwrap_or(0).max(1);
    let steps = values.len().saturating_sub(1).max(1);
    let mut line = String::new();
    for (index, value) in values.iter().enumerate() {
        let x = WIDTH * ratio(index, steps);
        let share = decimal(*value).max(0.0) / decimal(largest);
        let y = HEIGHT - MARGIN - share * (HEIGHT - 2.0 * MARGIN);
        let command = if index == 0 { 'M' } else { 'L' };
        let _ = write!(line, "{command}{x:.1} {y:.1}");
    }
    let area = format!("{line}L{WIDTH} {HEIGHT}L0 {HEIGHT}Z");
    Spark { line, area }
}

fn ratio(part: usize, whole: usize) -> f64 {
    let part = u32::try_from(part).unwrap_or(u32::MAX);
    let whole = u32::try_from(whole).unwrap_or(u32::MAX).max(1);
    f64::from(part) / f64::from(whole)
}

/// Pixels do not need the digits beyond an `i32`.
fn decimal(value: i64) -> f64 {
    f64::from(i32::try_from(value).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_is_at_the_top_and_nothing_at_the_bottom() {
        let drawn = spark(&[0, 5, 10]);
        assert_eq!(drawn.line, "M0.0 53.0L120.0 28.0L240.0 3.0");
        assert!(drawn.area.ends_with("L240 56L0 56Z"));
    }

    #[test]
    fn nothing_is_a_flat_line() {
        for values in [&[][..], &[7], &[0, 0], &[-3, -9]] {
            assert_eq!(spark(values).line, "M0.0 53.0L240.0 53.0", "{values:?}");
        }
    }
}
