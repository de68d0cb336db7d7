//! How an amount that changes a balance is written: the sign says which way, whatever the colour.

use domain::money::Money;

/// `+KES 1,200`, `−KES 1,200` (with a real minus, as wide as a plus), or `KES 0`.
pub fn change(amount: Money) -> String {
    let plain = amount.to_string().replace('-', "");
    match amount.minor() {
        0 => plain,
        minor if minor > 0 => format!("+{plain}"),
        _ => format!("\u{2212}{plain}"),
    }
}

#[cfg(test)]
mod tests {
    use domain::money::Currency;

    use super::*;

    fn check(minor: i64, expect: &str) {
        assert_eq!(change(Money::new(minor, Currency::KES)), expect);
    }

    #[test]
    fn the_way_money_went_is_seen_without_a_colour() {
        check(120_000, "+KES 1,200");
        check(-120_050, "\u{2212}KES 1,200.50");
        check(0, "KES 0");
        check(i64::MIN, "\u{2212}KES 92,233,720,368,547,758.08");
    }
}
