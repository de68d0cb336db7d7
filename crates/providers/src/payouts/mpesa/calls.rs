//! The addresses at which M-Pesa tells a result: M-Pesa signs nothing, so each address is for one payout and for one
//! question, and nobody can guess it.
//!
//! Never knows whether there is such a payout.

use std::{fmt, sync::Arc};

use crypto::keyring::Keyring;
use domain::ids::{ApprovalId, TenantId};

use crate::payouts::Order;

/// Below the public address; the token and what is told follow.
pub const PATH: &str = "/v1/webhooks/payouts/mpesa";

/// What M-Pesa was asked: a look-up that fails says nothing about the payment, so their answers are never mixed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Payment,
    LookUp,
}

impl Asked {
    const fn letter(self) -> &'static str {
        match self {
            Self::Payment => "p",
            Self::LookUp => "q",
        }
    }

    const fn purpose(self) -> &'static str {
        match self {
            Self::Payment => "mpesa.payment",
            Self::LookUp => "mpesa.look_up",
        }
    }
}

/// Whom and what a genuine address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    pub tenant: TenantId,
    pub payout: ApprovalId,
    pub asked: Asked,
}

/// Makes and reads the addresses. Cheap to clone.
#[derive(Clone)]
pub struct Calls {
    keyring: Arc<Keyring>,
    /// Without a slash at its end.
    public_base: String,
}

impl Calls {
    pub fn new(keyring: Arc<Keyring>, public_base: &str) -> Self {
        Self {
            keyring,
            public_base: public_base.trim_end_matches('/').to_owned(),
        }
    }

    /// `{p or q}.{tenant}.{payout}.{mac}`.
    pub fn token(&self, named: Named) -> String {
        let subject = named.payout.to_string();
        let mac = self
            .keyring
            .address_mac(named.tenant, named.asked.purpose(), &subject);
        format!("{}.{}.{subject}.{mac}", named.asked.letter(), named.tenant)
    }

    /// `None` unless it was made here, or with a former key that is still kept.
    pub fn read(&self, token: &str) -> Option<Named> {
        let mut parts = token.split('.');
        let (letter, tenant) = (parts.next()?, parts.next()?);
        let (subject, mac) = (parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let asked = [Asked::Payment, Asked::LookUp]
            .into_iter()
            .find(|asked| asked.letter() == letter)?;
        let named = Named {
            tenant: tenant.parse().ok()?,
            payout: subject.parse().ok()?,
            asked,
        };
        let purpose = named.asked.purpose();
        self.keyring
            .is_address_mac(named.tenant, purpose, subject, mac)
            .then_some(named)
    }

    /// Where the result is told, and where that it took too long.
    pub(super) fn addresses(&self, order: &Order, asked: Asked) -> (String, String) {
        let named = Named {
            tenant: order.tenant,
            payout: order.id,
            asked,
        };
        let base = format!("{}{PATH}/{}", self.public_base, self.token(named));
        (format!("{base}/result"), format!("{base}/timeout"))
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Calls({})", self.public_base)
    }
}
