//! Where one can go: a slim rail at the side, a bar at the foot of a phone.

use contract::access::Me;
use domain::scopes::ScopeCode;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{live::use_live, menu::PersonMenu};
use crate::{
    approvals::calls::waiting,
    inbox::calls::counts,
    ui::{Icon, Logo},
    words::layout as words,
};

/// One place. Without a scope it is open to every member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub href: &'static str,
    pub label: &'static str,
    pub icon: &'static str,
    pub scope: Option<ScopeCode>,
    /// Only in demo mode.
    pub demo: bool,
    pub stands: Stands,
}

/// Where the way to a place is. All are in the palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// In the rail, and in the bar at the foot of a phone.
    Rail,
    /// In the rail; on a phone, where there is no room for it, in the menu.
    WideRail,
    Menu,
}

const fn place(
    href: &'static str,
    label: &'static str,
    icon: &'static str,
    scope: ScopeCode,
    stands: Stands,
) -> Place {
    Place {
        href,
        label,
        icon,
        scope: Some(scope),
        demo: false,
        stands,
    }
}

const PLACES: [Place; 19] = [
    place(
        "/platform",
        words::BUSINESSES,
        "icon-[lucide--store]",
        ScopeCode::PlatformTenants,
        Stands::Rail,
    ),
    place(
        "/platform/access",
        words::ACCESS,
        "icon-[lucide--user-x]",
        ScopeCode::PlatformAccess,
        Stands::Rail,
    ),
    place(
        "/platform/keys",
        words::ENCRYPTION_KEYS,
        "icon-[lucide--key-round]",
        ScopeCode::PlatformKeys,
        Stands::Rail,
    ),
    place(
        "/inbox",
        words::INBOX,
        "icon-[lucide--inbox]",
        ScopeCode::ConversationsView,
        Stands::Rail,
    ),
    place(
        "/products",
        words::PRODUCTS,
        "icon-[lucide--package]",
        ScopeCode::CatalogView,
        Stands::Rail,
    ),
    place(
        "/wallet",
        words::WALLET,
        "icon-[lucide--wallet]",
        ScopeCode::FinanceView,
        Stands::Rail,
    ),
    place(
        "/approvals",
        words::APPROVALS,
        "icon-[lucide--stamp]",
        ScopeCode::FinanceView,
        Stands::Rail,
    ),
    place(
        "/channels",
        words::CHANNELS,
        "icon-[lucide--plug]",
        ScopeCode::IntegrationsView,
        Stands::WideRail,
    ),
    place(
        "/settings/bot",
        words::BOT,
        "icon-[lucide--bot]",
        ScopeCode::SettingsManage,
        Stands::WideRail,
    ),
    place(
        "/settings/members",
        words::TEAM,
        "icon-[lucide--users]",
        ScopeCode::UsersManage,
        Stands::Menu,
    ),
    place(
        "/settings/api-keys",
        words::API_KEYS,
        "icon-[lucide--key-round]",
        ScopeCode::ApiKeysManage,
        Stands::Menu,
    ),
    place(
        "/audit",
        words::AUDIT,
        "icon-[lucide--scroll-text]",
        ScopeCode::AuditView,
        Stands::Menu,
    ),
    place(
        "/security",
        words::SECURITY,
        "icon-[lucide--shield-alert]",
        ScopeCode::AuditView,
        Stands::Menu,
    ),
    place(
        "/channels/log",
        words::WEBHOOK_LOG,
        "icon-[lucide--webhook]",
        ScopeCode::IntegrationsView,
        Stands::Menu,
    ),
    Place {
        href: "/account",
        label: words::YOUR_ACCOUNT,
        icon: "icon-[lucide--circle-user]",
        scope: None,
        demo: false,
        stands: Stands::Menu,
    },
    Place {
        href: "/start",
        label: words::START,
        icon: "icon-[lucide--rocket]",
        scope: None,
        demo: false,
        stands: Stands::Menu,
    },
    Place {
        href: "/simulator",
        label: words::PHONE,
        icon: "icon-[lucide--smartphone]",
        scope: None,
        demo: true,
        stands: Stands::Rail,
    },
    Place {
        href: "/mailbox",
        label: words::MAILBOX,
        icon: "icon-[lucide--mail]",
        scope: None,
        demo: true,
        stands: Stands::Menu,
    },
    Place {
        href: "/gallery",
        label: words::GALLERY,
        icon: "icon-[lucide--shapes]",
        scope: None,
        demo: true,
        stands: Stands::Menu,
    },
];

/// Open to every member of a business, and of no use on the platform.
const OF_BUSINESSES: [&str; 2] = ["/start", "/simulator"];

/// The places this member may go to.
pub fn places(me: &Me) -> impl Iterator<Item = Place> {
    let on_platform = me.tenant.tenant.is_platform();
    PLACES
        .into_iter()
        .filter(move |place| !on_platform || !OF_BUSINESSES.contains(&place.href))
        .filter(|place| place.scope.is_none_or(|scope| me.may(scope)) && (me.demo || !place.demo))
}

/// Where this member works: an operator at the platform's first place, most read what customers write, some only decide on money.
pub fn home(me: &Me) -> &'static str {
    let first = || places(me).next().map_or("/account", |place| place.href);
    if me.tenant.tenant.is_platform() {
        first()
    } else if me.may(ScopeCode::ConversationsView) {
        "/inbox"
    } else if me.may(ScopeCode::FinanceView) {
        "/approvals"
    } else {
        first()
    }
}

/// `/products/new` is inside `/products`; `/channels/log` is its own place, not inside `/channels`.
fn is_here(place: &str, path: &str) -> bool {
    let inside =
        |place: &str| path == place || path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'));
    inside(place)
        && !PLACES
            .iter()
            .any(|other| other.href.len() > place.len() && inside(other.href))
}

#[component]
pub fn Rail(me: Me) -> impl IntoView {
    let path = use_location().pathname;
    let reads = me.may(ScopeCode::ConversationsView);
    let approves = me.may(ScopeCode::FinanceWithdrawApprove);
    let live = use_live();
    let unread = Resource::new(
        move || live.map(|live| live.changed().number),
        move |_| async move {
            if reads {
                counts().await.unwrap_or_default().unread
            } else {
                0
            }
        },
    );
    let to_approve = Resource::new(
        move || live.map(|live| live.money().number),
        move |_| async move {
            if approves {
                waiting().await.map(i64::from).unwrap_or(0)
            } else {
                0
            }
        },
    );
    let links = places(&me)
        .filter(|place| place.stands != Stands::Menu)
        .collect::<Vec<_>>();
    view! {
        <header class="rail flex items-center gap-1 border-t border-base-300 bg-base-100 px-1.5 pb-[env(safe-area-inset-bottom)] md:flex-col md:items-stretch md:border-t-0 md:border-e md:px-2 md:py-3">
            <a href=home(&me) class="mb-3 hidden self-center rounded-lg md:block" aria-label=words::HOME>
                <Logo/>
            </a>
            <nav aria-label=words::MAIN_NAVIGATION class="flex grow gap-1 md:flex-col">
                {links
                    .into_iter()
                    .map(|place| {
                        let counted = match place.href {
                            "/inbox" => Some((unread, words::UNREAD)),
                            "/approvals" => Some((to_approve, words::WAITING)),
                            _ => None,
                        };
                        let look = match place.stands {
                            Stands::WideRail => "rail-link grow max-md:hidden md:grow-0",
                            _ => "rail-link grow md:grow-0",
                        };
                        view! {
                            <a href=place.href class=look aria-current=move || is_here(place.href, &path.get()).then_some("page")>
                                <Icon name=place.icon class="text-xl"/>
                                <span>{place.label}</span>
                                {counted.map(|(count, what)| view! { <Count count what/> })}
                            </a>
                        }
                    })
                    .collect_view()}
            </nav>
            <PersonMenu me/>
        </header>
    }
    .into_any()
}

/// How many of something are new, at the corner of its place.
#[component]
fn Count(count: Resource<i64>, what: &'static str) -> impl IntoView {
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let count = count.await;
                (count > 0)
                    .then(|| {
                        view! {
                            <span class="figures absolute end-2 top-1 min-w-4.5 rounded-full bg-primary px-1 text-center text-[0.6875rem] leading-4.5 font-semibold text-primary-content">
                                {count.min(99)} <span class="sr-only">" " {what}</span>
                            </span>
                        }
                    })
            })}
        </Transition>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn exactly_one_place_is_current() {
        for (path, want) in [
            ("/inbox", "/inbox"),
            ("/inbox/conv_1", "/inbox"),
            ("/channels", "/channels"),
            ("/channels/log", "/channels/log"),
            ("/products/new", "/products"),
            ("/wallet/withdraw", "/wallet"),
            ("/approvals/policies", "/approvals"),
            ("/platform", "/platform"),
            ("/platform/access", "/platform/access"),
        ] {
            let here: Vec<_> = super::PLACES
                .iter()
                .filter(|place| is_here(place.href, path))
                .map(|place| place.href)
                .collect();
            assert_eq!(here, [want], "{path}");
        }
    }
}
