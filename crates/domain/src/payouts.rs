//! Where money can be paid to, by which way, and on what terms: details as a person types them, checked, and as everybody
//! else sees them.
//!
//! Never knows a provider, and never prints an account number in full: `Debug` shows what people see.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    money::{Currency, Money},
    words::words,
};

words! {
    /// How money is paid out.
    PayoutMethod {
        Bank = "bank", "Bank transfer";
        Mpesa = "mpesa", "M-Pesa";
        Webhook = "webhook", "Payment service";
    }
}

/// What a way of paying takes and costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The least that can be asked for, fee included.
    pub least: Money,
    /// The most that can arrive at once.
    pub most: Option<Money>,
    /// Taken off what is asked for.
    pub fee: Money,
    /// No cents.
    pub is_whole: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPayable {
    #[error("{0} pays out Kenyan shillings only")]
    Currency(&'static str),
    #[error("the least that can be withdrawn this way is {0}")]
    TooLittle(Money),
    #[error("at most {0} can arrive this way at once")]
    TooMuch(Money),
    #[error("what arrives must be a whole number of shillings: leave the cents out")]
    Cents,
}

impl PayoutMethod {
    /// `None`: it does not pay in this currency.
    pub fn terms(self, currency: Currency) -> Option<Terms> {
        let unit = 10_i64.pow(currency.exponent());
        let units = |count: i64| Money::new(count * unit, currency);
        let (least, most, fee) = match (self, currency == Currency::KES) {
            (PayoutMethod::Mpesa, true) => (units(50), Some(units(250_000)), units(33)),
            (PayoutMethod::Mpesa, false) => return None,
            (PayoutMethod::Bank, true) => (units(100), None, units(50)),
            (PayoutMethod::Bank | PayoutMethod::Webhook, _) => (units(1), None, units(0)),
        };
        Some(Terms {
            least,
            most,
            fee,
            is_whole: self == PayoutMethod::Mpesa,
        })
    }

    /// The fee of paying out `amount`, if it can be paid out this way.
    pub fn fee(self, amount: Money) -> Result<Money, NotPayable> {
        let terms = self
            .terms(amount.currency())
            .ok_or(NotPayable::Currency(self.describe()))?;
        if amount.minor() < terms.least.minor() {
            return Err(NotPayable::TooLittle(terms.least));
        }
        let net = amount
            .checked_sub(terms.fee)
            .ok_or(NotPayable::TooLittle(terms.least))?;
        match terms.most {
            Some(most) if net.minor() > most.minor() => return Err(NotPayable::TooMuch(most)),
            _ => {}
        }
        if terms.is_whole && net.minor() % 10_i64.pow(amount.currency().exponent()) != 0 {
            return Err(NotPayable::Cents);
        }
        Ok(terms.fee)
    }
}

/// Where exactly. Sealed as JSON in the store.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum PayoutDetails {
    Bank {
        bank: String,
        branch: String,
        holder: String,
        number: String,
    },
    Mpesa {
        /// Digits with the country code, such as 254712345678.
        phone: String,
        holder: String,
    },
    /// An account as the payment service behind the webhook names it.
    Webhook { account: String, holder: String },
}

/// A field that can't be taken, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DetailError {
    pub field: &'static str,
    pub message: &'static str,
}

const fn wrong(field: &'static str, message: &'static str) -> DetailError {
    DetailError { field, message }
}

/// Trimmed, between 2 and 50 characters, and without control characters: bank, number and holder are shown in one line.
fn text(field: &'static str, value: &str, message: &'static str) -> Result<String, DetailError> {
    let value = value.trim();
    let is_good = (2..=50).contains(&value.chars().count()) && !value.chars().any(char::is_control);
    if is_good {
        Ok(value.to_owned())
    } else {
        Err(wrong(field, message))
    }
}

impl PayoutDetails {
    pub fn bank(bank: &str, branch: &str, holder: &str, number: &str) -> Result<Self, DetailError> {
        let branch = branch.trim();
        if branch.chars().count() > 80 || branch.chars().any(char::is_control) {
            return Err(wrong("branch", "Write the branch in at most 80 characters."));
        }
        let number: String = number
            .chars()
            .filter(|sign| !matches!(sign, ' ' | '-'))
            .collect::<String>()
            .to_ascii_uppercase();
        if !(4..=34).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(wrong(
                "number",
                "Write the account number or IBAN: 4 to 34 letters and digits.",
            ));
        }
        Ok(Self::Bank {
            bank: text("bank", bank, "Write the bank's name, such as Equity Bank.")?,
            branch: branch.to_owned(),
            holder: holder_of(holder)?,
            number,
        })
    }

    /// A Kenyan number, as people write it: 0712 345 678, +254 712 345 678.
    pub fn mpesa(phone: &str, holder: &str) -> Result<Self, DetailError> {
        const MESSAGE: &str = "Write the M-Pesa number as 0712 345 678 or +254 712 345 678.";
        let digits: String = phone
            .trim()
            .strip_prefix('+')
            .unwrap_or(phone.trim())
            .chars()
            .filter(|sign| !matches!(sign, ' ' | '-'))
            .collect();
        let local = match digits.strip_prefix("254") {
            Some(rest) => rest,
            None => digits.strip_prefix('0').unwrap_or(&digits),
        };
        let is_mobile = local.len() == 9
            && local.starts_with(['7', '1'])
            && local.bytes().all(|byte| byte.is_ascii_digit());
        if !is_mobile {
            return Err(wrong("phone", MESSAGE));
        }
        Ok(Self::Mpesa {
            phone: format!("254{local}"),
            holder: holder_of(holder)?,
        })
    }

    pub fn webhook(account: &str, holder: &str) -> Result<Self, DetailError> {
        Ok(Self::Webhook {
            account: text(
                "account",
                account,
                "Write the account as your payment service names it: 2 to 50 characters.",
            )?,
            holder: holder_of(holder)?,
        })
    }

    pub const fn method(&self) -> PayoutMethod {
        match self {
            Self::Bank { .. } => PayoutMethod::Bank,
            Self::Mpesa { .. } => PayoutMethod::Mpesa,
            Self::Webhook { .. } => PayoutMethod::Webhook,
        }
    }

    pub fn holder(&self) -> &str {
        match self {
            Self::Bank { holder, .. } | Self::Mpesa { holder, .. } | Self::Webhook { holder, .. } => holder,
        }
    }

    /// As people see it: enough to know it again, too little to pay to it.
    pub fn masked(&self) -> String {
        match self {
            Self::Bank { bank, number, .. } => format!("{bank} {}", last_of(number)),
            Self::Mpesa { phone, .. } => format!("M-Pesa {}", last_of(phone)),
            Self::Webhook { account, .. } => format!("Payment service {}", last_of(account)),
        }
    }
}

fn holder_of(holder: &str) -> Result<String, DetailError> {
    text(
        "holder",
        holder,
        "Write whose account it is, in 2 to 50 characters.",
    )
}

/// The last three or four characters, and of a short one fewer than half.
fn last_of(number: &str) -> String {
    let count = number.chars().count();
    let shown = (count.saturating_sub(1) / 2).min(4);
    let tail: String = number.chars().skip(count - shown).collect();
    format!("····{tail}")
}

impl fmt::Debug for PayoutDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kes(minor: i64) -> Money {
        Money::new(minor, Currency::KES)
    }

    #[test]
    fn numbers_are_read_as_people_write_them_and_shown_in_part() {
        let phones = ["0712 345 678", "+254 712-345-678", "254712345678", "712345678"];
        for phone in phones {
            let details = PayoutDetails::mpesa(phone, " Amina Otieno ");
            let shown = details.as_ref().map(PayoutDetails::masked);
            assert_eq!(shown.as_deref(), Ok("M-Pesa ····5678"), "{phone}");
            assert_eq!(details.as_ref().map(PayoutDetails::holder), Ok("Amina Otieno"));
        }
        for phone in ["", "0812345678", "07123456789", "+44 7700 900123", "07١2345678"] {
            let field = PayoutDetails::mpesa(phone, "Amina").map_err(|error| error.field);
            assert_eq!(field, Err("phone"), "{phone}");
        }
        let bank = PayoutDetails::bank("Equity Bank", "", "Amina", "0123-4567 8901");
        assert_eq!(
            bank.map(|bank| bank.masked()).as_deref(),
            Ok("Equity Bank ····8901")
        );
        let short = PayoutDetails::bank("Equity Bank", "", "Amina", "1234");
        assert_eq!(
            short.map(|bank| bank.masked()).as_deref(),
            Ok("Equity Bank ····4")
        );
        for (bank, holder, number, field) in [
            ("E", "Amina", "12345", "bank"),
            ("Equity", "A", "12345", "holder"),
            ("Equity", "Amina", "12", "number"),
            ("Equity", "Amina", "12345;", "number"),
            ("Eq\u{7}uity", "Amina", "12345", "bank"),
        ] {
            let got = PayoutDetails::bank(bank, "", holder, number).map_err(|error| error.field);
            assert_eq!(got, Err(field));
        }
    }

    #[test]
    fn what_is_printed_for_a_log_is_what_people_see() {
        let details = PayoutDetails::bank("Equity Bank", "Kisumu", "Amina", "012345678901").ok();
        assert_eq!(format!("{details:?}"), "Some(Equity Bank ····8901)");
    }

    #[test]
    fn a_fee_is_known_before_and_what_can_t_be_paid_is_told() {
        let mpesa = PayoutMethod::Mpesa;
        assert_eq!(mpesa.fee(kes(100_000)), Ok(kes(3_300)));
        assert_eq!(mpesa.fee(kes(4_999)), Err(NotPayable::TooLittle(kes(5_000))));
        assert_eq!(mpesa.fee(kes(100_050)), Err(NotPayable::Cents));
        assert_eq!(mpesa.fee(kes(25_003_300)), Ok(kes(3_300)));
        assert_eq!(
            mpesa.fee(kes(25_003_400)),
            Err(NotPayable::TooMuch(kes(25_000_000)))
        );
        let usd = Money::new(500, Currency::USD);
        assert_eq!(mpesa.fee(usd), Err(NotPayable::Currency("M-Pesa")));
        assert_eq!(PayoutMethod::Bank.fee(usd), Ok(Money::new(0, Currency::USD)));
        assert_eq!(PayoutMethod::Bank.fee(kes(10_050)), Ok(kes(5_000)));
    }

    #[test]
    fn every_way_leaves_something_of_the_least_that_can_be_asked_for() {
        for method in PayoutMethod::ALL {
            for currency in [Currency::KES, Currency::USD] {
                let Some(terms) = method.terms(currency) else {
                    continue;
                };
                assert!(terms.least.minor() > terms.fee.minor(), "{method:?} {currency}");
                assert_eq!(method.fee(terms.least), Ok(terms.fee));
            }
        }
    }
}
