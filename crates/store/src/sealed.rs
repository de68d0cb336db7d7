//! Every encrypted column, declared once. Whoever seals or opens names one of these, so that a rotation of the keys
//! finds all there is.
//!
//! Never encrypts anything itself.

use crypto::keyring::Place;
use domain::ids::{Id, TenantId};
use uuid::Uuid;

/// A column that holds envelopes. Its table has an `id`, which the envelope is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedColumn {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) of: Of,
    pub(crate) index: Option<BlindIndex>,
}

/// Whose rows a table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// A tenant's: the table has a `tenant_id`.
    Tenant,
    /// Nobody's in particular, as [`Place::platform`] has them.
    Platform,
}

/// A column beside it that finds equal values. The sealed text is in the form that is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlindIndex {
    pub column: &'static str,
    pub purpose: &'static str,
}

macro_rules! sealed_columns {
    ($($name:ident: $of:ident $table:literal.$column:literal $(, index $index:literal for $purpose:literal)?;)*) => {
        $(pub(crate) const $name: SealedColumn = SealedColumn {
            table: $table,
            column: $column,
            of: Of::$of,
            index: sealed_columns!(@index $($index $purpose)?),
        };)*

        /// All of them.
        pub const SEALED_COLUMNS: &[SealedColumn] = &[$($name),*];
    };
    (@index) => { None };
    (@index $index:literal $purpose:literal) => { Some(BlindIndex { column: $index, purpose: $purpose }) };
}

// A new encrypted column is one more line, with `Tenant` or `Platform`.
sealed_columns! {
    CHANNEL_TOKEN: Tenant "channels"."auth_token";
    CHANNEL_PREVIOUS_TOKEN: Tenant "channels"."previous_auth_token";
    CONTACT_ADDRESS: Tenant "contacts"."address", index "address_key" for "contacts.address";
    CHAIN_KEY: Tenant "chain_keys"."sealed";
    DESTINATION_DETAILS: Tenant "payout_destination_versions"."sealed";
    FACTOR_SECRET: Platform "second_factors"."secret";
    MAIL: Platform "mails"."sealed";
}

impl SealedColumn {
    /// Where the envelope of one row lives. `tenant`: whose row it is; `None` for nobody's.
    pub(crate) fn place(self, tenant: Option<TenantId>, row: Uuid) -> Place<'static> {
        Place {
            tenant: tenant.unwrap_or(TenantId::from_uuid(Uuid::nil())),
            table: self.table,
            column: self.column,
            row,
        }
    }

    /// What the blind index is for; empty where there is none.
    pub(crate) const fn purpose(self) -> &'static str {
        match self.index {
            Some(index) => index.purpose,
            None => "",
        }
    }

    pub fn table(self) -> &'static str {
        self.table
    }

    pub fn column(self) -> &'static str {
        self.column
    }

    /// The column that finds equal values, where there is one.
    pub fn index_column(self) -> Option<&'static str> {
        self.index.map(|index| index.column)
    }

    pub fn is_of_a_tenant(self) -> bool {
        self.of == Of::Tenant
    }
}

impl std::fmt::Display for SealedColumn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{}.{}", self.table, self.column))
    }
}
