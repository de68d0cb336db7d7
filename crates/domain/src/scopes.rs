//! The one list of scopes: what a member may do. Role names never appear in a code path; scopes do.
//!
//! A business has its scopes and the platform has its own; a few, about people and their records, are in both.

use std::{fmt, str::FromStr};

use crate::ids::TenantId;

/// Calls the given macro with every scope as `Variant = "code"`, so that other rooms can mirror the list.
#[macro_export]
macro_rules! for_each_scope {
    ($callback:ident) => {
        $callback! {
            CatalogView = "catalog:view", "See products and stock";
            CatalogEdit = "catalog:edit", "Create, change and archive products; adjust stock";
            ServicesView = "services:view", "See services";
            ServicesEdit = "services:edit", "Create and change services";
            AvailabilityEdit = "availability:edit", "Change opening hours and availability";
            ConversationsView = "conversations:view", "Read conversations and why the bot answered as it did";
            ConversationsReply = "conversations:reply", "Answer customers";
            HandoffPerform = "handoff:perform", "Take over conversations and give them back to the bot";
            OrdersView = "orders:view", "See orders";
            OrdersEdit = "orders:edit", "Change orders";
            AppointmentsView = "appointments:view", "See bookings";
            AppointmentsEdit = "appointments:edit", "Change bookings";
            AnalyticsView = "analytics:view", "See reports";
            FinanceView = "finance:view", "See the wallet";
            FinanceWithdrawInitiate = "finance:withdraw:initiate", "Ask for a withdrawal";
            FinanceWithdrawApprove = "finance:withdraw:approve", "Approve another person's withdrawal";
            FinanceReconcile = "finance:reconcile", "Reconcile payments";
            FinanceManage = "finance:manage", "Set payment and payout methods";
            IntegrationsView = "integrations:view", "See channels and the webhook log";
            IntegrationsManage = "integrations:manage", "Connect and change channels";
            UsersManage = "users:manage", "Invite members, give them roles and remove them";
            RolesManage = "roles:manage", "Make and change roles, and make exceptions for members";
            ApiKeysManage = "api_keys:manage", "Make and revoke keys for other programs";
            SettingsManage = "settings:manage", "Change the business's settings and how the bot behaves";
            AuditView = "audit:view", "Read the audit log";
            CustomersExport = "customers:export", "Export customers";
            TemplatesManage = "templates:manage", "Change message templates";
            CampaignsManage = "campaigns:manage", "Send campaigns";
            ApprovalsPolicy = "approvals:policy", "Change what needs a second person's approval";
            PlatformTenants = "platform:tenants", "See which businesses there are, and make new ones";
            PlatformAccess = "platform:access", "End sessions and force new passwords in any business";
            PlatformKeys = "platform:keys", "See which encryption keys the installation still needs";
        }
    };
}

macro_rules! scope_codes {
    ($($name:ident = $code:literal, $text:literal;)*) => {
        /// One permission.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ScopeCode { $($name),* }

        impl ScopeCode {
            pub const ALL: &'static [ScopeCode] = &[$(ScopeCode::$name),*];

            pub const fn code(self) -> &'static str {
                match self { $(ScopeCode::$name => $code),* }
            }

            /// What the scope lets a person do, in words.
            pub const fn describe(self) -> &'static str {
                match self { $(ScopeCode::$name => $text),* }
            }
        }

        impl FromStr for ScopeCode {
            type Err = UnknownScope;
            fn from_str(text: &str) -> Result<Self, UnknownScope> {
                match text { $($code => Ok(ScopeCode::$name),)* _ => Err(UnknownScope) }
            }
        }
    };
}

for_each_scope!(scope_codes);

impl ScopeCode {
    /// All that a member of a business can hold: whoever holds all of it may do everything there.
    pub const OF_BUSINESSES: &'static [ScopeCode] = Self::ALL.split_at(Self::ALL.len() - 3).0;

    /// All that an operator can hold, on the platform. The tables refuse any other there, and `platform:…` elsewhere.
    pub const OF_PLATFORM: &'static [ScopeCode] = &[
        ScopeCode::FinanceView,
        ScopeCode::FinanceWithdrawApprove,
        ScopeCode::UsersManage,
        ScopeCode::RolesManage,
        ScopeCode::AuditView,
        ScopeCode::ApprovalsPolicy,
        ScopeCode::PlatformTenants,
        ScopeCode::PlatformAccess,
        ScopeCode::PlatformKeys,
    ];

    /// What can be held in this tenant.
    pub const fn of(tenant: TenantId) -> &'static [ScopeCode] {
        if tenant.is_platform() {
            Self::OF_PLATFORM
        } else {
            Self::OF_BUSINESSES
        }
    }

    /// Whether it means anything in this tenant.
    pub fn fits(self, tenant: TenantId) -> bool {
        Self::of(tenant).contains(&self)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known scope")]
pub struct UnknownScope;

impl fmt::Display for ScopeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl serde::Serialize for ScopeCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> serde::Deserialize<'de> for ScopeCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// The roles that a tenant starts with.
pub const fn built_in_roles(tenant: TenantId) -> &'static [(&'static str, &'static [ScopeCode])] {
    if tenant.is_platform() {
        PLATFORM_ROLES
    } else {
        BUILT_IN_ROLES
    }
}

/// The roles of the platform.
pub const PLATFORM_ROLES: &[(&str, &[ScopeCode])] = &[
    ("Operator", ScopeCode::OF_PLATFORM),
    ("Auditor", &[ScopeCode::AuditView]),
];

/// The roles every business starts with, made of scopes. A list of data, read once when a tenant is created.
pub const BUILT_IN_ROLES: &[(&str, &[ScopeCode])] = {
    use ScopeCode::*;
    &[
        ("Owner", ScopeCode::OF_BUSINESSES),
        (
            "Admin",
            &[
                CatalogView,
                CatalogEdit,
                ServicesView,
                ServicesEdit,
                AvailabilityEdit,
                ConversationsView,
                ConversationsReply,
                HandoffPerform,
                OrdersView,
                OrdersEdit,
                AppointmentsView,
                AppointmentsEdit,
                AnalyticsView,
                FinanceView,
                FinanceWithdrawInitiate,
                FinanceReconcile,
                FinanceManage,
                IntegrationsView,
                IntegrationsManage,
                UsersManage,
                RolesManage,
                ApiKeysManage,
                SettingsManage,
                AuditView,
                CustomersExport,
                TemplatesManage,
                CampaignsManage,
            ],
        ),
        (
            "Finance",
            &[
                AnalyticsView,
                FinanceView,
                FinanceWithdrawInitiate,
                FinanceWithdrawApprove,
                FinanceReconcile,
                OrdersView,
            ],
        ),
        ("Approver", &[FinanceView, FinanceWithdrawApprove]),
        (
            "Catalogue manager",
            &[
                AnalyticsView,
                CatalogView,
                CatalogEdit,
                ServicesView,
                ServicesEdit,
                AvailabilityEdit,
            ],
        ),
        (
            "Support lead",
            &[
                ConversationsView,
                ConversationsReply,
                HandoffPerform,
                CatalogView,
                ServicesView,
                OrdersView,
                AppointmentsView,
                IntegrationsView,
                TemplatesManage,
            ],
        ),
        (
            "Agent",
            &[
                ConversationsView,
                ConversationsReply,
                HandoffPerform,
                CatalogView,
                ServicesView,
            ],
        ),
        (
            "Analyst",
            &[
                AnalyticsView,
                CatalogView,
                ServicesView,
                OrdersView,
                AppointmentsView,
            ],
        ),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_reads_back_its_code() {
        for scope in ScopeCode::ALL {
            assert_eq!(scope.code().parse(), Ok(*scope));
        }
    }

    #[test]
    fn a_scope_of_the_platform_is_in_no_business_and_every_scope_is_somewhere() {
        for scope in ScopeCode::ALL {
            let (business, platform) = (
                ScopeCode::OF_BUSINESSES.contains(scope),
                ScopeCode::OF_PLATFORM.contains(scope),
            );
            assert_eq!(business, !scope.code().starts_with("platform:"), "{scope}");
            assert!(business || platform, "{scope}");
        }
        for (roles, of) in [
            (BUILT_IN_ROLES, ScopeCode::OF_BUSINESSES),
            (PLATFORM_ROLES, ScopeCode::OF_PLATFORM),
        ] {
            for (role, scopes) in roles {
                assert!(scopes.iter().all(|scope| of.contains(scope)), "{role}");
            }
        }
    }

    #[test]
    fn the_eighteen_scopes_of_the_original_keep_their_names() {
        let original = [
            "catalog:view",
            "catalog:edit",
            "services:view",
            "services:edit",
            "availability:edit",
            "conversations:view",
            "handoff:perform",
            "orders:view",
            "orders:edit",
            "appointments:view",
            "appointments:edit",
            "analytics:view",
            "finance:view",
            "finance:withdraw:initiate",
            "finance:withdraw:approve",
            "finance:reconcile",
            "integrations:manage",
            "users:manage",
        ];
        for code in original {
            assert!(code.parse::<ScopeCode>().is_ok(), "{code} must exist");
        }
    }

    #[test]
    fn viewing_conversations_never_allows_answering() {
        let analyst = BUILT_IN_ROLES
            .iter()
            .find(|(name, _)| *name == "Analyst")
            .map(|(_, scopes)| *scopes);
        assert!(analyst.is_some_and(|scopes| !scopes.contains(&ScopeCode::ConversationsReply)));
    }
}
