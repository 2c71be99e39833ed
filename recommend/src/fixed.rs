//! Numbers that are the same on every machine.
//!
//! Scores are integers. A platform's `ln` may differ in its last bit between a Linux function, an
//! Android tablet and wasm, and a sum of floats depends on its order; either would let two machines
//! answer differently. Integer sums are exact in any order.

/// Fraction bits of [`log2`].
pub(crate) const LOG_BITS: u32 = 10;

/// Base-2 logarithm in units of 1/1024, rounded down; 0 for 0.
pub(crate) fn log2(value: u32) -> u32 {
    if value == 0 {
        return 0;
    }
    let whole = value.ilog2();
    // The mantissa in [1, 2) with 31 fraction bits. Each squaring yields one more bit of the logarithm.
    let mut mantissa = u64::from(value) << (31 - whole);
    let mut result = whole;
    for _ in 0..LOG_BITS {
        mantissa = (mantissa * mantissa) >> 31;
        result <<= 1;
        if mantissa >> 32 != 0 {
            mantissa >>= 1;
            result |= 1;
        }
    }
    result
}

/// `2^20 * 2^(-exponent / 1024)`, rounded down.
pub(crate) fn exp2_negative(exponent: u32) -> u32 {
    // 2^(-1/2), 2^(-1/4), ... 2^(-1/1024) with 32 fraction bits, each the root of the one before.
    let mut factor = 1_u64 << 31; // one halving
    let mut result = 1_u64 << 32;
    for bit in (0..LOG_BITS).rev() {
        factor = root(factor);
        if exponent >> bit & 1 == 1 {
            result = (result * factor) >> 32;
        }
    }
    let halvings = exponent >> LOG_BITS;
    u32::try_from(result.checked_shr(12 + halvings).unwrap_or(0)).unwrap_or(u32::MAX)
}

/// The root of a fraction with 32 bits.
fn root(fraction: u64) -> u64 {
    u64::try_from((u128::from(fraction) << 32).isqrt()).unwrap_or(u64::MAX)
}

/// `numerator * 65,536 / denominator`, saturating; 0 when the denominator is 0.
pub(crate) fn ratio(numerator: u64, denominator: u64) -> u64 {
    if denominator == 0 {
        return 0;
    }
    let wide = (u128::from(numerator) << 16) / u128::from(denominator);
    u64::try_from(wide).unwrap_or(u64::MAX)
}

/// `count / sqrt(frequency)` with 16 fraction bits, the frequency damped by `damping` so that a rare
/// item does not win on one coincidence.
pub(crate) fn cosine(count: u32, frequency: u32, damping: u32) -> u64 {
    let square = u128::from(count) * u128::from(count);
    let under = u128::from(frequency) + u128::from(damping).max(1);
    let root = ((square << 32) / under).isqrt();
    u64::try_from(root).unwrap_or(u64::MAX)
}

/// `1024 * 2^(-age / half_life)`, linear between the halvings; 0 after 20 of them.
pub(crate) fn decay(age: u32, half_life: u32) -> u32 {
    let half_life = half_life.max(1);
    let halvings = age / half_life;
    if halvings >= 20 {
        return 0;
    }
    let start = u64::from((1024_u32 << 10) >> halvings);
    let (into, whole) = (u64::from(age % half_life), u64::from(half_life));
    let value = start * (2 * whole - into) / (2 * whole);
    u32::try_from(value >> 10).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithm_is_within_one_unit_of_the_true_one() {
        for value in (1..5_000_u32).chain([65_535, 1 << 20, 12_345_678, u32::MAX]) {
            let exact = f64::from(value).log2() * 1024.0;
            let got = f64::from(log2(value));
            assert!((exact - got).abs() < 1.5, "{value}: {got} for {exact}");
        }
        assert_eq!(log2(0), 0);
        assert_eq!(log2(1024), 10 * 1024);
    }

    #[test]
    fn a_power_of_two_is_within_a_thousandth_of_the_true_one() {
        for exponent in (0..20_480_u32).step_by(7) {
            let exact = (f64::from(exponent) / -1024.0).exp2() * f64::from(1 << 20);
            let got = f64::from(exp2_negative(exponent));
            assert!(
                (exact - got).abs() <= 1.0 + exact / 1000.0,
                "{exponent}: {got} for {exact}"
            );
        }
        assert_eq!(exp2_negative(u32::MAX), 0);
    }

    #[test]
    fn a_decay_halves() {
        assert_eq!(decay(0, 90), 1024);
        assert_eq!(decay(90, 90), 512);
        assert_eq!(decay(45, 90), 768);
        assert_eq!(decay(u32::MAX, 90), 0);
    }

    #[test]
    fn a_cosine_prefers_the_rarer_of_equally_often_seen() {
        assert!(cosine(5, 10, 10) > cosine(5, 1_000, 10));
        assert_eq!(cosine(0, 10, 10), 0);
        assert_eq!(cosine(4, 6, 10), 1 << 16);
    }

    #[test]
    fn a_ratio_saturates_instead_of_wrapping() {
        assert_eq!(ratio(1, 2), 32_768);
        assert_eq!(ratio(u64::MAX, 1), u64::MAX);
        assert_eq!(ratio(3, 0), 0);
    }
}
