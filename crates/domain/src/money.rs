//! Money: whole minor units with their currency. No floating point anywhere.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An ISO 4217 code, such as `KES`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    pub const KES: Self = Self(*b"KES");
    pub const USD: Self = Self(*b"USD");

    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits after the decimal sign (ISO 4217 "minor unit").
    pub fn exponent(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    fn unit(&self) -> i64 {
        10_i64.pow(self.exponent())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("a currency is three letters, such as KES")]
    Currency,
    #[error("write an amount such as 1200 or 1,200.50")]
    Amount,
    #[error("{currency} has at most {places} decimal places")]
    Places { currency: Currency, places: u32 },
    #[error("a comma separates thousands, as in 1,200; write cents after a point, as in 65.50")]
    Groups,
    #[error("that amount is too large")]
    TooLarge,
    #[error("an amount can't be negative")]
    Negative,
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let upper = text.trim().to_ascii_uppercase();
        let bytes: [u8; 3] = upper.as_bytes().try_into().map_err(|_| MoneyError::Currency)?;
        if bytes.iter().all(u8::is_ascii_uppercase) {
            Ok(Self(bytes))
        } else {
            Err(MoneyError::Currency)
        }
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// An amount in minor units (cents) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    pub const fn minor(self) -> i64 {
        self.minor
    }

    pub const fn currency(self) -> Currency {
        self.currency
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        self.minor
            .checked_add(other.minor)
            .map(|minor| Self { minor, ..self })
    }

    pub fn checked_sub(self, other: Self) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        self.minor
            .checked_sub(other.minor)
            .map(|minor| Self { minor, ..self })
    }

    pub fn checked_mul(self, times: i64) -> Option<Self> {
        self.minor.checked_mul(times).map(|minor| Self { minor, ..self })
    }

    /// Reads `1200`, `1,200`, `1 200.50` or `1200.5` in `currency`; never negative, at most 10^12 units. A comma or a
    /// space stands before groups of three digits only: `65,50` is refused, not read as 6550.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let text = text.trim();
        if text.starts_with('-') {
            return Err(MoneyError::Negative);
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let groups: Vec<&str> = whole.split([',', ' ', '_', '\u{a0}']).collect();
        if whole.is_empty() || !groups.iter().all(|group| digits(group)) || !digits(fraction) {
            return Err(MoneyError::Amount);
        }
        let grouped = groups.len() == 1
            || groups.first().is_some_and(|first| (1..=3).contains(&first.len()))
                && groups.iter().skip(1).all(|group| group.len() == 3);
        if !grouped {
            return Err(MoneyError::Groups);
        }
        let whole = groups.concat();
        let places = currency.exponent();
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > places as usize {
            return Err(MoneyError::Places { currency, places });
        }
        let whole: i64 = whole.parse().map_err(|_| MoneyError::TooLarge)?;
        if whole > 1_000_000_000_000 {
            return Err(MoneyError::TooLarge);
        }
        let mut minor = whole.checked_mul(currency.unit()).ok_or(MoneyError::TooLarge)?;
        if !fraction.is_empty() {
            let padded = format!("{fraction:0<width$}", width = places as usize);
            minor += padded.parse::<i64>().map_err(|_| MoneyError::Amount)?;
        }
        Ok(Self { minor, currency })
    }

    /// The bare number with its decimal places, without currency: `1200.50`. For form fields.
    pub fn plain(self) -> String {
        let unit = self.currency.unit();
        let places = self.currency.exponent() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, rest) = (
            self.minor.unsigned_abs() / unit.unsigned_abs(),
            self.minor.unsigned_abs() % unit.unsigned_abs(),
        );
        if places == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{rest:0places$}")
        }
    }
}

impl fmt::Display for Money {
    /// `KES 1,200` when there are no cents, otherwise `KES 1,200.50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.currency.unit().unsigned_abs();
        let (whole, rest) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        let digits = whole.to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.minor < 0 { "-" } else { "" };
        write!(f, "{} {sign}{grouped}", self.currency)?;
        if rest > 0 {
            let places = self.currency.exponent() as usize;
            write!(f, ".{rest:0places$}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<i64, MoneyError>) {
        assert_eq!(
            Money::parse(text, Currency::KES).map(Money::minor),
            expect,
            "{text:?}"
        );
    }

    #[test]
    fn amounts_as_people_write_them() {
        check("1200", Ok(120_000));
        check(" 1,200.50 ", Ok(120_050));
        check("1 200.5", Ok(120_050));
        check("0.05", Ok(5));
        check("12.500", Ok(1_250));
        check("1,234,567", Ok(123_456_700));
        check("65,50", Err(MoneyError::Groups));
        check("1,2000", Err(MoneyError::Groups));
        check("1234,567", Err(MoneyError::Groups));
        check("1.2,5", Err(MoneyError::Amount));
        check("-3", Err(MoneyError::Negative));
        check("", Err(MoneyError::Amount));
        check("12a", Err(MoneyError::Amount));
        check(
            "1.234",
            Err(MoneyError::Places {
                currency: Currency::KES,
                places: 2,
            }),
        );
        check("9999999999999", Err(MoneyError::TooLarge));
        check("99999999999999999999", Err(MoneyError::TooLarge));
    }

    #[test]
    fn shown_with_groups_and_only_the_cents_there_are() {
        assert_eq!(Money::new(120_000, Currency::KES).to_string(), "KES 1,200");
        assert_eq!(
            Money::new(123_456_789, Currency::KES).to_string(),
            "KES 1,234,567.89"
        );
        assert_eq!(Money::new(5, Currency::KES).to_string(), "KES 0.05");
        let yen: Currency = "jpy".parse().expect("a currency");
        assert_eq!(Money::new(1_500, yen).to_string(), "JPY 1,500");
        assert_eq!(Money::new(1_500, yen).plain(), "1500");
        assert_eq!(Money::new(-150, Currency::USD).to_string(), "USD -1.50");
    }
}
