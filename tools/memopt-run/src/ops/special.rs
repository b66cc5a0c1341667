//! Special functions that no library of the standard ones has, on `f64`.

use std::f64::consts::PI;

/// The `x` with `erf(x) = y`: Newton's method from Winitzki's approximation (2008), three steps, each of which doubles the
/// number of right digits.
pub(super) fn erf_inv(y: f64) -> f64 {
    if y.abs() >= 1.0 || y.is_nan() || y == 0.0 {
        return match y.abs() {
            1.0 => f64::INFINITY.copysign(y),
            0.0 => y,
            _ => f64::NAN,
        };
    }
    const A: f64 = 0.147;
    // ln(1 - y^2) without cancellation.
    let log = (-y * y).ln_1p();
    let half = 2.0 / (PI * A) + log / 2.0;
    let mut x = ((half * half - log / A).sqrt() - half).sqrt().copysign(y);
    for _ in 0..3 {
        // In the tails the difference is taken of the complements, where the digits are.
        let error = if y > 0.5 {
            (1.0 - y) - libm::erfc(x)
        } else if y < -0.5 {
            libm::erfc(-x) - (1.0 + y)
        } else {
            libm::erf(x) - y
        };
        x -= error * PI.sqrt() / 2.0 * (x * x).exp();
    }
    x
}

/// The derivative of `ln gamma`: recurrence up to 10, then the asymptotic series; reflection below zero
/// (Abramowitz and Stegun 6.3.5 to 6.3.18).
pub(super) fn digamma(x: f64) -> f64 {
    if x == f64::NEG_INFINITY || x <= 0.0 && x.fract() == 0.0 {
        return f64::NAN;
    }
    if x < 0.0 {
        return digamma(1.0 - x) - PI / (PI * x).tan();
    }
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum -= 1.0 / x;
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    let series = [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32760.0, 1.0 / 12.0];
    let tail = series.iter().rev().fold(0.0, |tail, term| (tail + term) * inverse);
    sum + x.ln() - 0.5 / x - tail
}

/// Hurwitz's zeta function, the sum of `(q + n)^-x`: Euler and Maclaurin's summation after ten terms.
pub(super) fn zeta(x: f64, q: f64) -> f64 {
    if x.is_nan() || q.is_nan() || x < 1.0 || q <= 0.0 && q.fract() != 0.0 {
        return f64::NAN;
    }
    if x == 1.0 || q <= 0.0 {
        return f64::INFINITY;
    }
    const TERMS: usize = 10;
    let head: f64 = (0..TERMS).map(|n| (q + n as f64).powf(-x)).sum();
    let a = q + TERMS as f64;
    let mut sum = head + a.powf(1.0 - x) / (x - 1.0) + 0.5 * a.powf(-x);
    // Bernoulli numbers over factorials: B_2k / (2k)!
    let numbers = [
        1.0 / 12.0,
        -1.0 / 720.0,
        1.0 / 30240.0,
        -1.0 / 1209600.0,
        1.0 / 47900160.0,
        -691.0 / 1307674368000.0,
        1.0 / 74724249600.0,
    ];
    let mut factor = x;
    let mut power = a.powf(-x - 1.0);
    for (k, number) in numbers.into_iter().enumerate() {
        sum += number * factor * power;
        let next = x + 2.0 * k as f64 + 1.0;
        factor *= next * (next + 1.0);
        power /= a * a;
    }
    sum
}

/// The `n`-th derivative of [`digamma`]: `(-1)^(n+1) n! zeta(n + 1, x)`.
pub(super) fn polygamma(n: f64, x: f64) -> f64 {
    if n == 0.0 {
        return digamma(x);
    }
    if n < 0.0 || n.fract() != 0.0 {
        return f64::NAN;
    }
    let sign = if n % 2.0 == 0.0 { -1.0 } else { 1.0 };
    sign * libm::tgamma(n + 1.0) * zeta(n + 1.0, x)
}

/// `exp(-|x|) I_1(x)`: the trapezoidal rule on the integral of `exp(x cos t) cos t` over a period, which converges faster
/// than any power, and the asymptotic series where it would need many points.
pub(super) fn bessel_i1e(x: f64) -> f64 {
    let a = x.abs();
    if a > 1000.0 {
        return i1e_asymptotic(a).copysign(x);
    }
    const POINTS: usize = 400;
    let point = |k: usize| {
        let t = PI * (k as f64 + 0.5) / POINTS as f64;
        (a * (t.cos() - 1.0)).exp() * t.cos()
    };
    ((0..POINTS).map(point).sum::<f64>() / POINTS as f64).copysign(x)
}

/// [`bessel_i1e`] of a large number (Abramowitz and Stegun 9.7.1).
fn i1e_asymptotic(a: f64) -> f64 {
    let t = 1.0 / (8.0 * a);
    (1.0 - 3.0 * t - 7.5 * t * t - 52.5 * t * t * t) / (2.0 * PI * a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} instead of {expected}");
    }

    /// Values from tables: Abramowitz and Stegun, and closed forms.
    #[test]
    fn known_values() {
        const EULER: f64 = 0.577_215_664_901_532_9;
        near(digamma(1.0), -EULER);
        near(digamma(0.5), -EULER - 2.0 * 2f64.ln());
        near(digamma(-0.5), 2.0 - EULER - 2.0 * 2f64.ln());
        assert!(digamma(-3.0).is_nan());
        near(zeta(2.0, 1.0), PI * PI / 6.0);
        near(zeta(4.0, 1.0), PI.powi(4) / 90.0);
        near(zeta(2.0, 0.5), PI * PI / 2.0);
        near(polygamma(1.0, 1.0), PI * PI / 6.0);
        near(polygamma(2.0, 1.0), -2.0 * 1.202_056_903_159_594);
        near(bessel_i1e(1.0), 0.207_910_415_349_708_5);
        near(bessel_i1e(-1.0), -0.207_910_415_349_708_5);
        near(bessel_i1e(0.0), 0.0);
        near(bessel_i1e(999.0), i1e_asymptotic(999.0));
    }

    #[test]
    fn erf_inv_inverts_erf() {
        for y in [-0.999_999, -0.7, -1e-9, 0.0, 0.3, 0.5, 0.9, 0.999_999_9] {
            near(libm::erf(erf_inv(y)), y);
        }
        assert_eq!(erf_inv(1.0), f64::INFINITY);
        assert!(erf_inv(1.5).is_nan());
    }
}
