//! Dividing a sum so that the parts add up to it, to the last minor unit.

/// Divides `amount` by `weights` with the largest remainder: each part is rounded down, and what is left over goes one
/// unit each to the parts that lost most by rounding, the earlier where two lost the same. A negative weight counts as
/// none; where no weight is left, the first part takes everything. Where `amount` is between nothing and the sum of the
/// weights, no part is larger than its weight.
#[must_use]
pub fn share(amount: i64, weights: &[i64]) -> Vec<i64> {
    let weights: Vec<i128> = weights.iter().map(|w| i128::from((*w).max(0))).collect();
    let total: i128 = weights.iter().sum();
    if total == 0 {
        let rest = weights.len().saturating_sub(1);
        let first = (!weights.is_empty()).then_some(amount);
        return first
            .into_iter()
            .chain(std::iter::repeat_n(0, rest))
            .collect();
    }
    let (size, sign) = (i128::from(amount).abs(), i128::from(amount.signum()));
    let mut parts: Vec<i128> = weights.iter().map(|w| size * w / total).collect();
    let left = size - parts.iter().sum::<i128>();
    let mut lost: Vec<(i128, usize)> = weights
        .iter()
        .enumerate()
        .map(|(place, w)| (size * w % total, place))
        .collect();
    lost.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    for (_, place) in lost.iter().take(left) {
        if let Some(part) = parts.get_mut(*place) {
            *part += 1;
        }
    }
    let signed = |part: i128| i64::try_from(part * sign).unwrap_or(i64::MAX);
    parts.into_iter().map(signed).collect()
}
